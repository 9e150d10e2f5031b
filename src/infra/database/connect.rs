//! Connects to the database.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use log::LevelFilter;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Error as SqlxError};
use sea_orm::{ConnectOptions, DbErr, RuntimeErr};
use tokio::time::{Instant, sleep};

use super::pooler::Session;
use super::{Address, Database, PATIENCE, Reader, postgres};
use crate::config::{Config, Pooler};
use crate::core::error::story;

/// A connection that was idle for longer is tested before use, so that a restart of the database fails no request
/// that comes later than this.
const MAY_BE_DEAD: Duration = Duration::from_secs(1);
/// The number of SQLite's readers. More would only share the same cores.
const SQLITE_READERS: u32 = 4;
/// The page cache of each SQLite connection: 2 MiB, which SQLite writes as negative KiB.
const SQLITE_CACHE: &str = "-2048";
/// The first and the maximum delay between attempts to connect. It doubles after each attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(3)];
/// Error codes of PostgreSQL while it starts, stops or recovers, and while all its connections are in use
/// (`cannot_connect_now`, `admin_shutdown`, `crash_shutdown`, `too_many_connections`), and of SQLite while another
/// process writes.
const NOT_NOW: [&str; 6] = ["57P03", "57P01", "57P02", "53300", "5", "261"];
/// Parts of `PgBouncer`'s messages while it can't reach PostgreSQL or has no free connection.
const SERVER_AWAY: [&str; 5] = [
    "server login has been failing",
    "cannot connect to server",
    "server down",
    "query_wait_timeout",
    "no more connections allowed",
];

/// Connection options.
#[derive(Clone, Copy, Debug)]
pub struct Connecting {
    /// The maximum number of connections to PostgreSQL.
    pub max_connections: u32,
    /// The statement timeout of PostgreSQL; none if `None`.
    pub longest: Option<Duration>,
    pub pooler: Pooler,
}

impl Connecting {
    /// Returns the configured options.
    pub const fn new(config: &Config, longest: Option<Duration>) -> Self {
        Self {
            max_connections: config.database_max_connections,
            longest,
            pooler: config.pooling.database_pooler,
        }
    }
}

impl Database {
    /// Connects. Creates a missing SQLite file, but not its folder.
    pub async fn connect(address: &Address, max_connections: u32) -> anyhow::Result<Self> {
        let connecting = Connecting {
            max_connections,
            longest: None,
            pooler: Pooler::Auto,
        };
        Self::connect_as(address, connecting).await
    }

    /// Connects with these options. A server sets a statement timeout: a request that timed out leaves no statement
    /// running in PostgreSQL for longer.
    pub async fn connect_as(address: &Address, connecting: Connecting) -> anyhow::Result<Self> {
        match address {
            Address::Sqlite(path) => connect_sqlite(path.clone())
                .await
                .with_context(|| format!("can't open the SQLite database {}", path.display())),
            Address::Postgres(url) => connect_postgres(url.expose(), connecting)
                .await
                .context("can't connect to PostgreSQL (DATABASE_URL)"),
        }
    }

    /// Connects to a database that may still be starting: retries for `patience`, unless retrying can't help.
    pub async fn connect_within(
        patience: Duration,
        address: &Address,
        connecting: Connecting,
    ) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let [mut pause, longest_pause] = PAUSES;
        loop {
            match Self::connect_as(address, connecting).await {
                Err(error) if may_pass(&error) && begun.elapsed() + pause < patience => {
                    tracing::warn!(cause = story(&error), "database not available, retrying");
                    sleep(pause).await;
                    pause = longest_pause.min(pause * 2);
                }
                done => return done,
            }
        }
    }
}

/// Whether retrying may help: the database is not listening yet, or not ready.
fn may_pass(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_pool = match cause.downcast_ref() {
            Some(DbErr::Conn(RuntimeErr::SqlxError(error))) => Some(&**error),
            Some(DbErr::ConnectionAcquire(_)) => return true,
            _ => None,
        };
        match of_pool.or_else(|| cause.downcast_ref()) {
            // A connection that is closed during the handshake reports a protocol error.
            Some(SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::PoolTimedOut) => true,
            Some(SqlxError::Database(told)) => is_not_now(&**told),
            _ => cause.is::<tokio::time::error::Elapsed>(),
        }
    })
}

fn is_not_now(told: &dyn DatabaseError) -> bool {
    let code = told.code().unwrap_or_default();
    // A connection pooler has one code for all its own errors, also for an unreachable PostgreSQL.
    let is_pooler = code == "08P01" && SERVER_AWAY.iter().any(|away| told.message().contains(away));
    is_pooler || NOT_NOW.contains(&&*code)
}

async fn connect_postgres(url: &str, connecting: Connecting) -> anyhow::Result<Database> {
    // A pool reports only a timeout; a single connection reports the reason.
    let first = postgres::options(url)?;
    let connection = tokio::time::timeout(PATIENCE, first.connect()).await;
    let mut connection = connection.context("it did not respond in time")??;
    let inspected = tokio::time::timeout(PATIENCE, postgres::inspect(&mut connection)).await;
    let overridden_isolation = inspected.context("it did not respond in time")??;
    connection.close().await?;
    let longest = connecting.longest;
    let session = Session::detect(&first, connecting.pooler, longest);
    let session = tokio::time::timeout(PATIENCE, session).await;
    let session = session.context("it did not respond in time")??;
    let keeps_statements = session.as_ref().map(Session::keeps_statements);
    if let Some(prepared_statements) = keeps_statements {
        tracing::info!(prepared_statements, "connected through a connection pooler");
    }

    let mut options = options(url.to_owned(), connecting.max_connections);
    options
        .set_application_name("wares")
        .map_sqlx_postgres_opts(move |known| match keeps_statements {
            Some(keeps) => postgres::of_pooled(known, keeps),
            None => postgres::of_ours(known, longest),
        });
    let pool = sea_orm::Database::connect(options).await?;
    Ok(Database {
        reader: Reader {
            handle: pool.clone(),
            session,
        },
        writer: pool,
        mark: None,
        changes: Arc::default(),
        address: Arc::new(Address::Postgres(url.to_owned().into())),
        currency: None,
        overridden_isolation: overridden_isolation.map(Into::into),
    })
}

async fn connect_sqlite(path: PathBuf) -> Result<Database, DbErr> {
    let pool = |read_only: bool| {
        let path = path.clone();
        let mut options = options(
            "sqlite:".to_owned(),
            if read_only { SQLITE_READERS } else { 1 },
        );
        options.map_sqlx_sqlite_opts(move |_| {
            let options = SqliteConnectOptions::new()
                .filename(&path)
                .foreign_keys(true)
                .busy_timeout(PATIENCE)
                .pragma("cache_size", SQLITE_CACHE)
                .read_only(read_only);
            if read_only {
                return options;
            }
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // Statistics for the query planner: of large tables without any, and of tables that were used.
                .analysis_limit(400)
                .pragma("optimize", "0x10002")
                .optimize_on_close(true, 400)
                // With WAL, FULL makes acknowledged commits survive a power failure.
                .synchronous(SqliteSynchronous::Full)
        });
        // Discards a connection whose transaction could neither be committed nor rolled back, as on a full disk.
        // Otherwise the next transaction would become a part of it, and its commit would be lost.
        options.map_sqlx_sqlite_pool_opts(|known| {
            known.before_acquire(|connection, _| {
                let is_free = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_free) })
            })
        });
        sea_orm::Database::connect(options)
    };
    // The writer first: it creates the file that the readers open.
    let writer = pool(false).await?;
    let reader = pool(true).await?;
    Ok(Database {
        reader: Reader {
            handle: reader,
            session: None,
        },
        writer,
        mark: None,
        changes: Arc::default(),
        address: Arc::new(Address::Sqlite(path)),
        currency: None,
        overridden_isolation: None,
    })
}

fn options(url: String, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .test_before_acquire_if_idle_for(MAY_BE_DEAD)
        .sqlx_logging_level(LevelFilter::Off)
        // `statements` logs them, truncated.
        .sqlx_slow_statements_logging_settings(LevelFilter::Off, Duration::MAX)
        .record_stmt_in_spans(false);
    options
}
