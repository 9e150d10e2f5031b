//! Connection poolers such as `PgBouncer`, between this process and PostgreSQL.
//!
//! In transaction mode a pooler may run each transaction on another server connection. Session state such as
//! settings and prepared statements then reaches other clients or is lost. So through a pooler every statement runs in a
//! transaction that begins with its settings ([`PooledSettings`]). In session mode this works as well, with more round
//! trips than necessary.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{
    AssertSqlSafe, ColumnIndex, ConnectOptions as _, Connection as _, Decode, Error, Executor as _,
    Postgres, Row as _, Type, postgres::PgRow, query, raw_sql,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    TransactionOptions,
};
use uuid::Uuid;

use super::begin::begin;
use super::error::is_division_by_zero;
use super::postgres;
use super::read_only::ReadOnly;
use crate::config::Pooler;

/// Fails with a division by zero on a server that does not accept writes. A pooler may change the server of a client's
/// connection, so each transaction checks it. `SET TRANSACTION READ WRITE` would override the operator's settings.
const REQUIRE_PRIMARY: &str = "; SELECT 1 / CASE WHEN pg_is_in_recovery() \
                               OR current_setting('transaction_read_only')::boolean THEN 0 ELSE 1 END";
/// The number of times two connections are compared.
const COMPARISONS: usize = 4;
/// The prefix of the names of sqlx's prepared statements.
const STATEMENT_NAME: &str = "sqlx_s_";

/// The statements that each transaction through a pooler begins with.
#[derive(Clone, Debug)]
pub struct PooledSettings {
    settings: String,
    supports_prepared_statements: bool,
}

impl PooledSettings {
    /// Returns a session if these options connect to a pooler, and `None` if they connect to PostgreSQL itself.
    pub async fn detect(
        options: &PgConnectOptions,
        choice: Pooler,
        max_statement_time: Option<Duration>,
    ) -> Result<Option<Self>, Error> {
        let is_shared = match choice {
            Pooler::Auto => is_pooler(options).await?,
            Pooler::None => false,
            Pooler::Transaction => true,
        };
        if !is_shared {
            return Ok(None);
        }
        let supports_prepared_statements = supports_prepared_statements(options).await?;
        let settings = postgres::settings(max_statement_time)
            .map(|(name, value)| format!("SET LOCAL {name} = '{value}'"))
            .join("; ");
        Ok(Some(Self {
            settings,
            supports_prepared_statements,
        }))
    }

    /// Whether the pooler supports prepared statements across its server connections.
    pub const fn supports_prepared_statements(&self) -> bool {
        self.supports_prepared_statements
    }

    /// Begins a transaction. Sets its isolation level each time, because the session's default may differ.
    pub async fn begin(
        &self,
        handle: &DatabaseConnection,
        isolation: IsolationLevel,
    ) -> Result<DatabaseTransaction, DbErr> {
        let transaction = begin(handle, TransactionOptions::default()).await?;
        // The isolation level first: it can't be set after a statement that takes a snapshot, as DEALLOCATE does.
        let mut begin = format!(
            "SET TRANSACTION ISOLATION LEVEL {isolation}; {}",
            self.settings
        );
        if !self.supports_prepared_statements {
            // Statements of other clients remain on the server connection, with the names that this client will
            // choose.
            begin.push_str("; DEALLOCATE ALL");
        }
        begin.push_str(REQUIRE_PRIMARY);
        let executed = transaction.execute_unprepared(&begin).await;
        executed.map_err(|error| match error {
            error if is_division_by_zero(&error) => DbErr::Custom(ReadOnly::MESSAGE.to_owned()),
            error => error,
        })?;
        Ok(transaction)
    }
}

/// Whether these options connect to a pooler.
async fn is_pooler(options: &PgConnectOptions) -> Result<bool, Error> {
    // PostgreSQL applies any setting of the startup message. A pooler rejects or ignores those that it can't track
    // for each client.
    let token = Uuid::now_v7().simple().to_string();
    let with_setting = options.clone().options([("wares.connection", &token)]);
    let mut first = match with_setting.connect().await {
        Err(Error::Database(refusal)) if refusal.message().contains("startup parameter") => {
            return Ok(true);
        }
        connected => connected?,
    };
    let setting: Option<String> = value(
        &mut first,
        "SELECT current_setting('wares.connection', true)",
    )
    .await?;
    if setting.as_deref() != Some(&token) {
        return Ok(true);
    }
    // Some poolers pass the setting on. They share connections if two clients have the same server process, or one
    // client gets two.
    let mut second = options.connect().await?;
    let mut known = None;
    for _ in 0..COMPARISONS {
        let ours: i32 = value(&mut first, "SELECT pg_backend_pid()").await?;
        let other: i32 = value(&mut second, "SELECT pg_backend_pid()").await?;
        if ours == other || known.is_some_and(|known| known != (ours, other)) {
            return Ok(true);
        }
        known = Some((ours, other));
    }
    first.close().await?;
    second.close().await?;
    Ok(false)
}

/// Whether a prepared statement can be executed in another transaction than the one that prepared it. A pooler that
/// supports this, such as `PgBouncer` since 1.21, renames the statements on the server.
async fn supports_prepared_statements(options: &PgConnectOptions) -> Result<bool, Error> {
    let mut connection = options.connect().await?;
    connection.execute(raw_sql("BEGIN")).await?;
    let token = Uuid::now_v7().simple();
    let own = format!("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%{token}%'");
    let named = match query(AssertSqlSafe(own)).fetch_one(&mut connection).await {
        Ok(row) => !row.try_get::<String, _>(0)?.starts_with(STATEMENT_NAME),
        // The name is in use by a statement that another client left on the same server connection.
        Err(Error::Database(_)) => false,
        Err(error) => return Err(error),
    };
    connection.execute(raw_sql("ROLLBACK")).await?;
    connection.close().await?;
    Ok(named)
}

/// Returns the first column of a query, without creating a prepared statement.
pub(super) async fn value<T>(connection: &mut PgConnection, sql: &'static str) -> Result<T, Error>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres>,
    usize: ColumnIndex<PgRow>,
{
    let row = connection.fetch_one(raw_sql(sql)).await?;
    row.try_get(0)
}
