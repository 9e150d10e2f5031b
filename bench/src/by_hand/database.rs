//! Connections with the pool sizes and options of Wares.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult,
    SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
    TransactionOptions, TransactionTrait, Value,
};

use crate::loading;

const SQLITE_READERS: u32 = 4;
const CONNECTIONS: u32 = 16;

/// The connections for reads.
#[derive(Clone)]
pub enum Reader {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Clone)]
pub struct Database {
    pub reader: Reader,
    pub writer: DatabaseConnection,
    pub is_sqlite: bool,
}

impl Database {
    pub async fn connect(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .pragma("cache_size", "-2048")
                .read_only(true);
            let pool = SqlitePoolOptions::new()
                .max_connections(SQLITE_READERS)
                .test_before_acquire(false);
            let writer = loading::connect(url).await?;
            return Ok(Self {
                reader: Reader::Sqlite(pool.connect_with(options).await?),
                writer,
                is_sqlite: true,
            });
        }
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .test_before_acquire(false)
            .connect(url)
            .await?;
        Ok(Self {
            writer: SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            reader: Reader::Postgres(pool),
            is_sqlite: false,
        })
    }

    pub async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Transaction {
            inner: self.writer.begin_with_options(options).await?,
            is_sqlite: self.is_sqlite,
        })
    }
}

/// A transaction.
pub struct Transaction {
    inner: DatabaseTransaction,
    pub is_sqlite: bool,
}

impl Transaction {
    /// Runs a statement with parameters `?`.
    pub async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<()> {
        let statement = statement(self.is_sqlite, sql, values);
        self.inner.execute_raw(statement).await?;
        Ok(())
    }

    pub async fn find(&self, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>> {
        let statement = statement(self.is_sqlite, sql, values);
        Ok(self.inner.query_one_raw(statement).await?)
    }

    pub async fn one(&self, sql: &str, values: Vec<Value>) -> Result<QueryResult> {
        self.find(sql, values).await?.context("no such row")
    }

    pub async fn all(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        let statement = statement(self.is_sqlite, sql, values);
        Ok(self.inner.query_all_raw(statement).await?)
    }

    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Locks rows that a statement reads. SQLite has one writer.
    pub fn for_update(&self, sql: &str) -> String {
        let lock = if self.is_sqlite { "" } else { " FOR UPDATE" };
        format!("{sql}{lock}")
    }
}

/// Reads a row outside of a transaction.
pub async fn find(
    database: &Database,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<QueryResult>> {
    let statement = statement(database.is_sqlite, sql, values);
    let found = match &database.reader {
        Reader::Sqlite(pool) => {
            let reader = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone());
            reader.query_one_raw(statement).await
        }
        Reader::Postgres(_) => database.writer.query_one_raw(statement).await,
    };
    Ok(found?)
}

fn statement(is_sqlite: bool, sql: &str, values: Vec<Value>) -> Statement {
    let (backend, sql) = if is_sqlite {
        (DbBackend::Sqlite, sql.to_owned())
    } else {
        (DbBackend::Postgres, numbered(sql))
    };
    Statement::from_sql_and_values(backend, sql, values)
}

/// Replaces each `?` by `$1`, `$2`, ...
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        let _ = write!(text, "${number}{part}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn parameters_are_numbered() {
        assert_eq!(
            numbered("a = ? AND b IN (?, ?)"),
            "a = $1 AND b IN ($2, $3)"
        );
    }
}
