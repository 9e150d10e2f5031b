//! Watches for changes of the catalog by other processes.
//!
//! On PostgreSQL a separate connection reads the [table of changes](super::change_table), which names processes and
//! parts. On SQLite a separate connection polls whether another connection has written to the file, which detects
//! writes of any program. If so, the writer's connection, the only one of this process that writes, is asked the same:
//! it does not see its own writes, so the file was changed by another process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool};
use sea_orm::sqlx::{Connection as _, query_scalar};
use tokio::time::timeout;

use super::change_table::{Position, insert_token};
use super::changed_parts::ChangedParts;
use super::changes::Changes;
use super::replicas::{LogPosition, Replicas};
use super::{Address, Database, WAIT_TIMEOUT};

/// How long to wait for SQLite's writer. A transaction that takes longer may hide a change by another process.
const WRITER_TIMEOUT: Duration = Duration::from_millis(100);

/// A connection that watches for changes by other processes.
#[derive(Debug)]
pub struct ChangeWatcher {
    kind: Kind,
    changes: Arc<Changes>,
    replicas: Option<Arc<Replicas>>,
}

#[derive(Debug)]
enum Kind {
    Sqlite(SqliteConnection, i64, Writer),
    Postgres(PgConnection, Position),
}

impl Database {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the database does not respond.
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
            Address::Postgres(_) => {
                let primary = self.reader.primary.as_deref().context("not PostgreSQL")?;
                // A replica shows changes later than the primary.
                let mut connection = primary.connect().await?;
                let position = timeout(WAIT_TIMEOUT, Position::end(&mut connection)).await??;
                if let Some(replicas) = &self.replicas {
                    let token = replicas.note_primary();
                    timeout(WAIT_TIMEOUT, insert_token(&mut connection, token)).await??;
                }
                Kind::Postgres(connection, position)
            }
        };
        let changes = self.changes.clone();
        let replicas = self.replicas.clone();
        Ok(ChangeWatcher {
            kind,
            changes,
            replicas,
        })
    }
}

impl ChangeWatcher {
    /// Records the changes since the last check. Covers everything that was committed before the call.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn check(&mut self) -> anyhow::Result<()> {
        match &mut self.kind {
            Kind::Sqlite(connection, seen, writer) => {
                let version = data_version(connection).await?;
                if version != *seen && writer.has_others_written().await {
                    self.changes.note(&ChangedParts::all());
                }
                *seen = version;
                Ok(())
            }
            Kind::Postgres(connection, position) => {
                // Before the position in the log is read.
                let (sequence, read_at) = (self.changes.sequence(), Instant::now());
                position.read(connection, &self.changes).await?;
                let Some(replicas) = &self.replicas else {
                    return Ok(());
                };
                let bytes = position.wal_bytes;
                let token = replicas.note_position(LogPosition {
                    read_at,
                    sequence,
                    bytes,
                });
                match token {
                    Some(token) => insert_token(connection, token).await,
                    None => Ok(()),
                }
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
