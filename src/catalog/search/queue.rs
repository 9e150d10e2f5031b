//! Products to be indexed again because something they are found by has changed elsewhere: the name of a category, of
//! an option or of an attribute's choice.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use uuid::Uuid;

use crate::infra::database::DueCondition;

const TABLE: &str = "search_queue";
const PRODUCT: &str = "product_id";

/// Adds the products whose IDs a query returns.
pub async fn add(db: &impl ConnectionTrait, products: SelectStatement) -> Result<(), DbErr> {
    let conflict = OnConflict::column(PRODUCT).do_nothing().to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(TABLE)
        .columns([PRODUCT])
        .on_conflict(conflict);
    insert
        .select_from(products)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    db.execute(&insert).await?;
    Ok(())
}

/// Adds these products.
pub async fn add_products(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<(), DbErr> {
    let products = Query::select()
        .column("id")
        .from("products")
        .and_where(Expr::col("id").is_in(ids))
        .take();
    add(db, products).await
}

/// Whether products are waiting.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(db.query_one(&waiting()).await?.is_none())
}

/// Returns the condition that products are waiting.
pub fn waiting_condition() -> DueCondition {
    DueCondition::exists(waiting())
}

fn waiting() -> SelectStatement {
    Query::select().column(PRODUCT).from(TABLE).limit(1).take()
}

/// Removes up to `limit` products and returns them. Skips those that other transactions are removing.
pub async fn take(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Uuid>, DbErr> {
    let backend = db.get_database_backend();
    let lock = if backend == DbBackend::Postgres {
        " FOR UPDATE SKIP LOCKED"
    } else {
        ""
    };
    let sql = format!(
        "DELETE FROM {TABLE} WHERE {PRODUCT} IN (SELECT {PRODUCT} FROM {TABLE} LIMIT {limit}{lock}) RETURNING {PRODUCT}"
    );
    let rows = db
        .query_all_raw(Statement::from_string(backend, sql))
        .await?;
    rows.iter().map(|row| row.try_get("", PRODUCT)).collect()
}
