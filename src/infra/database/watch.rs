//! Watches for changes of the catalog by other processes.
//!
//! On PostgreSQL a separate connection listens for notifications ([`changes`](super::changes)). On SQLite a separate
//! connection polls whether another connection has written to the file, which detects writes of any program. Through
//! a connection pooler `LISTEN` does not work, so a connection polls whether anything was written to the whole
//! server.

use std::future::pending;
use std::time::Duration;

use anyhow::{Context, bail};
use sea_orm::sqlx::postgres::{PgConnection, PgListener, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Executor as _, query_scalar};
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::timeout;
use uuid::Uuid;

use super::changes::CHANNEL;
use super::{Address, Database, WAIT_TIMEOUT, pooler, postgres};

/// The timeout for a notification that this process sends to itself.
const ECHO_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that watches for changes.
#[derive(Debug)]
pub struct ChangeWatcher(Kind);

#[derive(Debug)]
enum Kind {
    Sqlite(SqliteConnection, i64),
    Postgres(PgListener),
    /// Polls through a connection pooler.
    Pooled(PgConnection, String),
}

impl Database {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the database does not respond, or when notifications do not arrive.
    pub async fn watch(&self) -> anyhow::Result<ChangeWatcher> {
        let kind = match &*self.address {
            Address::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let connection = SqliteConnection::connect_with(&options);
                let mut connection = timeout(WAIT_TIMEOUT, connection).await??;
                let version = data_version(&mut connection).await?;
                Kind::Sqlite(connection, version)
            }
            Address::Postgres(url) if self.is_pooled() => {
                let connection = postgres::options(url.expose())?;
                let mut connection = timeout(WAIT_TIMEOUT, connection.connect()).await??;
                let snapshot = snapshot(&mut connection).await?;
                Kind::Pooled(connection, snapshot)
            }
            Address::Postgres(url) => {
                let options = postgres::options(url.expose())?;
                let pool = PgPoolOptions::new()
                    .max_connections(1)
                    .max_lifetime(None)
                    .idle_timeout(None)
                    .acquire_timeout(WAIT_TIMEOUT)
                    .connect_lazy_with(options);
                let mut listener = PgListener::connect_with(&pool).await?;
                listener.ignore_pool_close_event(true);
                // A silent reconnect would hide missed notifications.
                listener.eager_reconnect(false);
                listener.listen(CHANNEL).await?;
                let check_notifications =
                    timeout(ECHO_TIMEOUT, self.check_notifications(&mut listener)).await;
                check_notifications.context("notifications do not arrive: through a connection pooler, set DATABASE_POOLER=transaction")??;
                Kind::Postgres(listener)
            }
        };
        Ok(ChangeWatcher(kind))
    }

    /// Sends a notification by another connection and waits for it. Through a connection pooler, `LISTEN` may run on
    /// a connection whose notifications reach no client.
    async fn check_notifications(&self, listener: &mut PgListener) -> anyhow::Result<()> {
        let token = Uuid::now_v7().to_string();
        let notify = "SELECT pg_notify($1, $2)";
        let values = [CHANNEL.into(), token.as_str().into()];
        let notify = Statement::from_sql_and_values(self.backend(), notify, values);
        self.writer.execute_raw(notify).await?;
        while notified(listener).await? != token {}
        Ok(())
    }
}

impl ChangeWatcher {
    /// Checks for changes. Returns whether anything has changed since the last check; covers everything that was
    /// committed before the call.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn poll_changes(&mut self) -> anyhow::Result<bool> {
        match &mut self.0 {
            Kind::Sqlite(connection, seen) => {
                let version = data_version(connection).await?;
                let has_changed = version != *seen;
                *seen = version;
                Ok(has_changed)
            }
            Kind::Pooled(connection, seen) => {
                let now = snapshot(connection).await?;
                let has_changed = now != *seen;
                *seen = now;
                Ok(has_changed)
            }
            Kind::Postgres(listener) => {
                // Notifications of earlier commits arrive before the response to this statement.
                listener.execute("SELECT 1").await?;
                let mut has_changed = false;
                while listener.next_buffered().is_some() {
                    has_changed = true;
                }
                Ok(has_changed)
            }
        }
    }

    /// Waits for a notification.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn notified(&mut self) -> anyhow::Result<()> {
        match &mut self.0 {
            // There are no notifications, only polling.
            Kind::Sqlite(..) | Kind::Pooled(..) => pending().await,
            Kind::Postgres(listener) => notified(listener).await.map(drop),
        }
    }
}

/// Returns a number that changes when another connection writes to the file.
async fn data_version(connection: &mut SqliteConnection) -> anyhow::Result<i64> {
    let version = query_scalar("PRAGMA data_version").fetch_one(connection);
    Ok(version.await?)
}

/// Returns the snapshot of the PostgreSQL server, which changes whenever a transaction commits a write to any of its
/// databases.
async fn snapshot(connection: &mut PgConnection) -> anyhow::Result<String> {
    Ok(pooler::value(connection, "SELECT pg_current_snapshot()::text").await?)
}

/// Waits for a notification and returns its payload.
async fn notified(listener: &mut PgListener) -> anyhow::Result<String> {
    match listener.try_recv().await? {
        Some(notice) => Ok(notice.payload().to_owned()),
        None => bail!("the connection was lost"),
    }
}
