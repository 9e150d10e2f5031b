//! Watches for changes of the catalog by other processes.
//!
//! On PostgreSQL a separate connection listens for notifications ([`changed_parts`](super::changed_parts)), which
//! name the sending process and the parts. On SQLite a separate connection polls whether another connection has
//! written to the file, which detects writes of any program. If so, the writer's connection, the only one of this
//! process that writes, is asked the same: it does not see its own writes, so the file was changed by another
//! process. Through a connection pooler `LISTEN` does not work, so a connection polls whether anything was written to
//! the whole server.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use sea_orm::sqlx::postgres::{PgConnection, PgListener, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool};
use sea_orm::sqlx::{Connection as _, Executor as _, query_scalar};
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::timeout;
use uuid::Uuid;

use super::changed_parts::ChangedParts;
use super::changes::{CHANNEL, Changes};
use super::primary::Primary;
use super::read_only::ReadOnly;
use super::{Address, Database, WAIT_TIMEOUT, pooler};

/// The timeout for a notification that this process sends to itself.
const ECHO_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait for SQLite's writer. A transaction that takes longer may hide a change by another process.
const WRITER_TIMEOUT: Duration = Duration::from_millis(100);

/// A connection that watches for changes by other processes.
#[derive(Debug)]
pub struct ChangeWatcher {
    kind: Kind,
    changes: Arc<Changes>,
}

#[derive(Debug)]
enum Kind {
    Sqlite(SqliteConnection, i64, Writer),
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
                let mut writer = Writer {
                    pool: self.writer.get_sqlite_connection_pool().clone(),
                    opened: self.opened_writers.clone(),
                    seen: None,
                };
                writer.has_others_written().await;
                let version = data_version(&mut connection).await?;
                Kind::Sqlite(connection, version, writer)
            }
            Address::Postgres(_) if self.is_pooled() => {
                let mut connection = self.primary()?.connect().await?;
                let snapshot = snapshot(&mut connection).await?;
                Kind::Pooled(connection, snapshot)
            }
            Address::Postgres(_) => {
                // A replica refuses to listen.
                let options = self.primary()?.options().clone();
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
        let changes = self.changes.clone();
        Ok(ChangeWatcher { kind, changes })
    }

    fn primary(&self) -> anyhow::Result<&Primary> {
        self.reader.primary.as_deref().context("not PostgreSQL")
    }

    /// Sends a notification by another connection and waits for it. Through a connection pooler, `LISTEN` may run on
    /// a connection whose notifications reach no client.
    async fn check_notifications(&self, listener: &mut PgListener) -> anyhow::Result<()> {
        let token = ChangedParts::default().to_notification(Uuid::now_v7());
        let notify = "SELECT pg_notify($1, $2)";
        let values = [CHANNEL.into(), token.as_str().into()];
        let notify = Statement::from_sql_and_values(self.backend(), notify, values);
        self.writer.execute_raw(notify).await?;
        while notified(listener).await? != token {}
        Ok(())
    }
}

impl ChangeWatcher {
    /// Records the changes since the last check. Covers everything that was committed before the call.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn check(&mut self) -> anyhow::Result<()> {
        let has_changed = match &mut self.kind {
            Kind::Sqlite(connection, seen, writer) => {
                let version = data_version(connection).await?;
                let has_changed = version != *seen && writer.has_others_written().await;
                *seen = version;
                has_changed
            }
            Kind::Pooled(connection, seen) => {
                let now = snapshot(connection).await?;
                let has_changed = now != *seen;
                *seen = now;
                has_changed
            }
            Kind::Postgres(listener) => {
                // Notifications of earlier commits arrive before the response to this statement.
                listener.execute("SELECT 1").await?;
                while let Some(notification) = listener.next_buffered() {
                    self.changes.note_notification(notification.payload());
                }
                false
            }
        };
        if has_changed {
            self.changes.note(&ChangedParts::all());
        }
        Ok(())
    }

    /// Waits for a notification and records its changes.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn notified(&mut self) -> anyhow::Result<()> {
        match &mut self.kind {
            // There are no notifications, only polling.
            Kind::Sqlite(..) | Kind::Pooled(..) => pending().await,
            Kind::Postgres(listener) => {
                let payload = notified(listener).await?;
                self.changes.note_notification(&payload);
                Ok(())
            }
        }
    }
}

/// The writer's connection to a SQLite file.
#[derive(Debug)]
struct Writer {
    pool: SqlitePool,
    opened: Arc<AtomicU64>,
    /// The number of opened connections and the version at the last check.
    seen: Option<(u64, i64)>,
}

impl Writer {
    /// Returns whether another process has written since the last check, or may have: the connection is in use, or it
    /// was opened since then, so that its versions begin again.
    async fn has_others_written(&mut self) -> bool {
        let ask = async {
            let mut connection = self.pool.acquire().await?;
            let version = data_version(&mut connection).await?;
            // There is one connection at a time, so this is its number.
            anyhow::Ok((self.opened.load(Ordering::SeqCst), version))
        };
        let Ok(Ok(now)) = timeout(WRITER_TIMEOUT, ask).await else {
            return true;
        };
        self.seen.replace(now) != Some(now)
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
    // A pooler may have changed the server.
    let snapshot = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_snapshot()::text END";
    let snapshot: Option<String> = pooler::value(connection, snapshot).await?;
    snapshot.context(ReadOnly)
}

/// Waits for a notification and returns its payload.
async fn notified(listener: &mut PgListener) -> anyhow::Result<String> {
    match listener.try_recv().await? {
        Some(notice) => Ok(notice.payload().to_owned()),
        None => bail!("the connection was lost"),
    }
}
