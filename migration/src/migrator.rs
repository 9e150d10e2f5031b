//! Applies, reverts and records migrations.

use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::DatabaseTransaction;

use crate::columns::{text, timestamp};
use crate::prelude::*;

/// The table of applied migrations. Its name and columns are those of the crate `sea-orm-migration`, which created it in
/// the databases of earlier versions.
const TABLE: &str = "seaql_migrations";

/// One change of the database schema.
#[async_trait]
pub trait MigrationTrait: Send + Sync {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr>;

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr>;
}

/// A migration and its name.
pub type Named = (&'static str, Box<dyn MigrationTrait>);

/// Executes the statements of migrations.
#[derive(Debug)]
pub struct SchemaManager<'c>(&'c DatabaseTransaction);

impl SchemaManager<'_> {
    pub fn get_connection(&self) -> &DatabaseTransaction {
        self.0
    }

    pub fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    pub async fn create_table(&self, statement: TableCreateStatement) -> Result<(), DbErr> {
        self.0.execute(&statement).await.map(drop)
    }

    pub async fn drop_table(&self, statement: TableDropStatement) -> Result<(), DbErr> {
        self.0.execute(&statement).await.map(drop)
    }

    pub async fn create_index(&self, statement: IndexCreateStatement) -> Result<(), DbErr> {
        self.0.execute(&statement).await.map(drop)
    }

    pub async fn drop_index(&self, statement: IndexDropStatement) -> Result<(), DbErr> {
        self.0.execute(&statement).await.map(drop)
    }
}

/// Returns whether the database has a table of this name.
///
/// # Errors
/// If the query fails.
pub async fn has_table(db: &DatabaseTransaction, name: &str) -> Result<bool, DbErr> {
    let mut query = Query::select();
    query.expr(Expr::val(1));
    if db.get_database_backend() == DbBackend::Sqlite {
        query
            .from("sqlite_master")
            .and_where(Expr::col("type").eq("table"))
            .and_where(Expr::col("name").eq(name));
    } else {
        query
            .from(("information_schema", "tables"))
            .and_where(Expr::col("table_schema").eq(Expr::cust("CURRENT_SCHEMA()")))
            .and_where(Expr::col("table_type").eq("BASE TABLE"))
            .and_where(Expr::col("table_name").eq(name));
    }
    Ok(db.query_one(&query).await?.is_some())
}

/// Returns the names of the applied migrations in order, including unknown ones. Empty if there are none.
///
/// # Errors
/// If the query fails.
pub async fn applied(db: &DatabaseTransaction) -> Result<Vec<String>, DbErr> {
    if !has_table(db, TABLE).await? {
        return Ok(Vec::new());
    }
    let query = Query::select()
        .column("version")
        .from(TABLE)
        .order_by("version", Order::Asc)
        .take();
    let rows = db.query_all(&query).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

/// Applies those of the migrations that are not applied. Returns their number.
pub async fn up(db: &DatabaseTransaction, all: &[Named]) -> Result<usize, DbErr> {
    create_record_table(db).await?;
    let applied = applied(db).await?;
    let pending = all
        .iter()
        .filter(|(name, _)| !applied.iter().any(|applied| applied == name));
    let mut count = 0;
    for (name, migration) in pending {
        // Large tables take minutes.
        if !applied.is_empty() {
            tracing::info!(migration = name, "applying migration");
        }
        migration.up(&SchemaManager(db)).await?;
        record(db, name).await?;
        count += 1;
    }
    Ok(count)
}

/// Reverts the last `steps` of the applied migrations. Returns their number.
pub async fn down(db: &DatabaseTransaction, all: &[Named], steps: usize) -> Result<usize, DbErr> {
    let applied = applied(db).await?;
    let last = all
        .iter()
        .rev()
        .filter(|(name, _)| applied.iter().any(|applied| applied == name))
        .take(steps);
    let mut count = 0;
    for (name, migration) in last {
        migration.down(&SchemaManager(db)).await?;
        let statement = Query::delete()
            .from_table(TABLE)
            .and_where(Expr::col("version").eq(*name))
            .take();
        db.execute(&statement).await?;
        count += 1;
    }
    Ok(count)
}

async fn create_record_table(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let table = Table::create()
        .table(TABLE)
        .if_not_exists()
        .col(text("version").string().primary_key())
        .col(timestamp("applied_at"))
        .take();
    db.execute(&table).await.map(drop)
}

async fn record(db: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    // In seconds, as the rows of earlier versions.
    #[expect(
        clippy::disallowed_methods,
        reason = "no server reads this time, and migrations run without a clock"
    )]
    let applied_at = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let statement = Query::insert()
        .into_table(TABLE)
        .columns(["version", "applied_at"])
        .values_panic([name.into(), applied_at.cast_signed().into()])
        .take();
    db.execute(&statement).await.map(drop)
}
