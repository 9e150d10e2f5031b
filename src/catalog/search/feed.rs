//! The changed products that are not yet sent to the search engine, recorded in the transaction of their change, and the
//! state of the engine. Nothing is recorded before the first start with `SEARCH_URL`. Then all products are sent, after the
//! end of all transactions that do not know of the engine: they hold the lock of [`Generations`](super::generation::Generations).
//!
//! One server at a time sends them, so that the changes of a product arrive in their order.

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use uuid::Uuid;

use crate::core::clock::Timestamp;
use crate::infra::database::parameters::parameter;

/// Products per statement.
const CHUNK: usize = 10_000;
/// Products per request to the engine.
pub const BATCH: usize = 500;

/// The stored state of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The index that is filled.
    pub index_name: String,
    /// The settings that it was given last.
    pub settings: String,
    /// Whether all products have been sent once.
    pub is_filled: bool,
    /// The last change that it accepted and may not have made yet.
    pub last_task: Option<u32>,
    /// When it was last asked whether it still holds the products.
    pub checked_at: Timestamp,
}

/// A changed product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub product: Uuid,
    /// Grows with each change.
    pub revision: i64,
}

/// Adds products that change, if there is an engine.
pub async fn add(db: &impl ConnectionTrait, products: &[Uuid]) -> Result<(), DbErr> {
    for chunk in products.chunks(CHUNK) {
        let backend = db.get_database_backend();
        let places = (1..=chunk.len()).map(|number| parameter(backend, number));
        let places: Vec<_> = places.collect();
        // In the order of their IDs, so that concurrent transactions lock the rows in the same order.
        let sql = format!(
            "INSERT INTO search_feed (product_id, revision) \
             SELECT id, 1 FROM products WHERE id IN ({}) AND EXISTS (SELECT 1 FROM search_engine) ORDER BY id \
             ON CONFLICT (product_id) DO UPDATE SET revision = search_feed.revision + 1",
            places.join(", ")
        );
        let ids = chunk.iter().map(|id| Value::from(*id));
        execute(db, &sql, ids).await?;
    }
    Ok(())
}

/// Adds a product that was deleted. There must be an engine.
pub async fn add_deleted(db: &impl ConnectionTrait, product: Uuid) -> Result<(), DbErr> {
    let sql = "INSERT INTO search_feed (product_id, revision) VALUES ($1, 1) \
               ON CONFLICT (product_id) DO UPDATE SET revision = search_feed.revision + 1";
    execute(db, sql, [product.into()]).await
}

/// Adds up to `limit` products after `last`, in the order of their IDs. Returns the last of them.
pub async fn add_all(
    db: &impl ConnectionTrait,
    last: Option<Uuid>,
    limit: u32,
) -> Result<Option<Uuid>, DbErr> {
    let sql = format!("SELECT id FROM products WHERE id > $1 ORDER BY id LIMIT {limit}");
    let backend = db.get_database_backend();
    let after = last.unwrap_or(Uuid::nil()).into();
    let rows = Statement::from_sql_and_values(backend, sql, [after]);
    let rows = db.query_all_raw(rows).await?;
    let ids: Vec<Uuid> = rows
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<_, _>>()?;
    add(db, &ids).await?;
    Ok(ids.last().copied())
}

/// Returns the next changes to send.
pub async fn next(db: &impl ConnectionTrait) -> Result<Vec<Change>, DbErr> {
    let sql = format!("SELECT product_id, revision FROM search_feed LIMIT {BATCH}");
    let rows = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(rows).await?;
    let change = rows.iter().map(|row| {
        Ok(Change {
            product: row.try_get("", "product_id")?,
            revision: row.try_get("", "revision")?,
        })
    });
    change.collect()
}

/// Removes changes that were sent. A product that has changed again stays, as does one that is changing.
pub async fn remove(db: &impl ConnectionTrait, told: &[Change]) -> Result<(), DbErr> {
    if told.is_empty() {
        return Ok(());
    }
    let backend = db.get_database_backend();
    let is_postgres = backend == sea_orm::DbBackend::Postgres;
    let lock = if is_postgres {
        " FOR UPDATE SKIP LOCKED"
    } else {
        ""
    };
    let mut values: Vec<Value> = Vec::new();
    let mut pairs = Vec::new();
    for change in told {
        values.push(change.product.into());
        values.push(change.revision.into());
        let [product, revision] =
            [values.len() - 1, values.len()].map(|number| parameter(backend, number));
        pairs.push(format!("({product}, {revision})"));
    }
    let sql = format!(
        "DELETE FROM search_feed WHERE product_id IN (SELECT product_id FROM search_feed \
         WHERE (product_id, revision) IN (VALUES {}){lock})",
        pairs.join(", ")
    );
    execute(db, &sql, values).await
}

/// Returns the stored state of the engine. `None` before the first start with `SEARCH_URL`.
pub async fn find(db: &impl ConnectionTrait) -> Result<Option<Engine>, DbErr> {
    let sql = "SELECT index_name, settings, is_filled, last_task, checked_at FROM search_engine WHERE id = 1";
    let query = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(query).await?;
    row.map(|row| {
        let is_filled: i16 = row.try_get("", "is_filled")?;
        let last_task: Option<i64> = row.try_get("", "last_task")?;
        Ok(Engine {
            index_name: row.try_get("", "index_name")?,
            settings: row.try_get("", "settings")?,
            is_filled: is_filled != 0,
            last_task: last_task.and_then(|task| task.try_into().ok()),
            checked_at: Timestamp(row.try_get("", "checked_at")?),
        })
    })
    .transpose()
}

/// Stores the state of the engine.
pub async fn store(db: &impl ConnectionTrait, engine: &Engine) -> Result<(), DbErr> {
    let sql = "UPDATE search_engine SET index_name = $1, settings = $2, is_filled = $3, last_task = $4, checked_at = $5 \
               WHERE id = 1";
    let values: [Value; 5] = [
        engine.index_name.as_str().into(),
        engine.settings.as_str().into(),
        i16::from(engine.is_filled).into(),
        engine.last_task.map(i64::from).into(),
        engine.checked_at.0.into(),
    ];
    execute(db, sql, values).await
}

/// Stores that there is an engine, which knows nothing yet, unless one is stored. From then on changes are recorded.
pub async fn create(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let sql = "INSERT INTO search_engine (id, index_name, settings, is_filled, checked_at) VALUES (1, '', '', 0, 0) \
               ON CONFLICT (id) DO NOTHING";
    execute(db, sql, []).await
}

async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await?;
    Ok(())
}
