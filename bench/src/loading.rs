//! The baseline for imports: the same rows inserted by hand-written statements in batches through the same library,
//! without a file, validation and lookups.

use std::time::{Duration, Instant};

use anyhow::Result;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    TransactionTrait, Value,
};
use uuid::Uuid;

use crate::products::{CATEGORIES, Product, category, product};

/// Batch sizes.
#[derive(Clone, Copy)]
pub struct BatchSize {
    /// Rows per statement.
    pub rows: usize,
    /// Statements per transaction.
    pub statements: usize,
}

/// All are measured to find the best. Larger statements would exceed SQLite's parameter limit.
pub const BATCH_SIZES: [BatchSize; 9] = [
    batch_size(500, 1),
    batch_size(500, 5),
    batch_size(500, 20),
    batch_size(1_000, 1),
    batch_size(1_000, 5),
    batch_size(1_000, 20),
    batch_size(2_000, 1),
    batch_size(2_000, 5),
    batch_size(2_000, 20),
];

const fn batch_size(rows: usize, statements: usize) -> BatchSize {
    BatchSize { rows, statements }
}

/// 2026-01-01T00:00:00Z in microseconds.
pub const NOW: i64 = 1_767_225_600_000_000;
/// The columns of `products`.
pub const PRODUCT: [&str; 13] = [
    "id",
    "name",
    "name_key",
    "slug",
    "sku",
    "description",
    "price",
    "stock",
    "status",
    "category_id",
    "version",
    "created_at",
    "updated_at",
];
/// The columns of `product_categories`.
pub const LINK: [&str; 2] = ["product_id", "category_id"];

/// Connects with the same options as Wares.
pub async fn connect(url: &str) -> Result<DatabaseConnection> {
    let path = url.strip_prefix("sqlite://").map(ToOwned::to_owned);
    let mut options = ConnectOptions::new(if path.is_some() { "sqlite:" } else { url });
    options.max_connections(1).sqlx_logging(false);
    if let Some(path) = path {
        options.map_sqlx_sqlite_opts(move |_| {
            SqliteConnectOptions::new()
                .filename(&path)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
        });
    }
    Ok(Database::connect(options).await?)
}

/// Inserts rows into an empty database. Returns the duration.
pub async fn load(
    db: &DatabaseConnection,
    count: usize,
    batch_size: BatchSize,
) -> Result<Duration> {
    let mut numbers = 0..count;
    let begun = Instant::now();
    let categories = categories(db).await?;
    while !numbers.is_empty() {
        let transaction = db.begin().await?;
        for _ in 0..batch_size.statements {
            let rows: Vec<_> = numbers
                .by_ref()
                .take(batch_size.rows)
                .map(product)
                .collect();
            if rows.is_empty() {
                break;
            }
            insert_products(&transaction, rows, &categories).await?;
        }
        transaction.commit().await?;
    }
    Ok(begun.elapsed())
}

async fn insert_products(
    db: &impl ConnectionTrait,
    rows: Vec<Product>,
    categories: &[Uuid],
) -> Result<()> {
    let mut products = Vec::with_capacity(rows.len() * PRODUCT.len());
    let mut links = Vec::with_capacity(rows.len() * LINK.len());
    for row in rows {
        let (id, category) = (Uuid::now_v7(), categories[row.category]);
        products.extend(values(id, row, category));
        links.extend([Value::from(id), Value::from(category)]);
    }
    insert(db, "products", &PRODUCT, products).await?;
    insert(db, "product_categories", &LINK, links).await
}

fn values(id: Uuid, row: Product, category: Uuid) -> [Value; PRODUCT.len()] {
    [
        id.into(),
        row.name.clone().into(),
        row.name.to_lowercase().into(),
        row.slug.into(),
        row.sku.into(),
        row.description.into(),
        row.price.into(),
        row.stock.into(),
        "ACTIVE".into(),
        category.into(),
        1.into(),
        NOW.into(),
        NOW.into(),
    ]
}

async fn categories(db: &DatabaseConnection) -> Result<Vec<Uuid>> {
    let columns = [
        "id",
        "position",
        "path",
        "visible",
        "name",
        "name_key",
        "slug",
        "description",
        "published",
        "created_at",
        "updated_at",
    ];
    let mut ids = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    for (number, position) in (0..CATEGORIES).zip(0_i32..) {
        let id = Uuid::now_v7();
        ids.push(id);
        let name = category(number);
        values.extend([
            id.into(),
            position.into(),
            format!("{position:04x}").into(),
            true.into(),
            name.clone().into(),
            name.to_lowercase().into(),
            format!("shelf-{number}").into(),
            "".into(),
            true.into(),
            NOW.into(),
            NOW.into(),
        ]);
    }
    insert(db, "categories", &columns, values).await?;
    Ok(ids)
}

pub async fn insert(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    values: Vec<Value>,
) -> Result<()> {
    let rows = values.len() / columns.len();
    let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
    // SQLite looks up `$1` by name among all parameters, which is slow.
    let mut numbers = 1..;
    let mut place = || match numbers.next() {
        Some(number) if !is_sqlite => format!("${number}"),
        _ => "?".to_owned(),
    };
    let mut row = || {
        let places: Vec<_> = columns.iter().map(|_| place()).collect();
        format!("({})", places.join(","))
    };
    let rows: Vec<_> = (0..rows).map(|_| row()).collect();
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES {}",
        columns.join(","),
        rows.join(",")
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await?;
    Ok(())
}
