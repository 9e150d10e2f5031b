//! Connects to the database.

use std::time::Duration;

use anyhow::Context;
use log::LevelFilter;
use sea_orm::sqlx::Error as SqlxError;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{ConnectOptions, DbErr, RuntimeErr};
use tokio::time::{Instant, sleep};

use super::read_only::{NoPrimary, READ_ONLY, ReadOnly};
use super::{Address, Database, WAIT_TIMEOUT, connect_postgres, connect_sqlite};
use crate::config::{Config, Pooler};
use crate::core::error::error_chain;

/// The first and the maximum delay between attempts to connect. It doubles after each attempt.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(3)];
/// Error codes of PostgreSQL while it starts, stops or recovers, and while all its connections are in use
/// (`cannot_connect_now`, `admin_shutdown`, `crash_shutdown`, `too_many_connections`), and of SQLite while another
/// process writes.
const TEMPORARY_CODES: [&str; 6] = ["57P03", "57P01", "57P02", "53300", "5", "261"];
/// Parts of `PgBouncer`'s messages while it can't reach PostgreSQL or has no free connection.
const POOLER_SERVER_ERRORS: [&str; 5] = [
    "server login has been failing",
    "cannot connect to server",
    "server down",
    "query_wait_timeout",
    "no more connections allowed",
];

/// Connection options.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionOptions {
    /// The maximum number of connections to PostgreSQL.
    pub max_connections: u32,
    /// The statement timeout of PostgreSQL; none if `None`.
    pub max_statement_time: Option<Duration>,
    pub pooler: Pooler,
}

impl ConnectionOptions {
    /// Returns the configured options.
    pub const fn new(config: &Config, max_statement_time: Option<Duration>) -> Self {
        Self {
            max_connections: config.database_max_connections,
            max_statement_time,
            pooler: config.pooling.database_pooler,
        }
    }
}

impl Database {
    /// Connects. Creates a missing SQLite file, but not its folder.
    pub async fn connect(address: &Address, max_connections: u32) -> anyhow::Result<Self> {
        let connecting = ConnectionOptions {
            max_connections,
            max_statement_time: None,
            pooler: Pooler::Auto,
        };
        Self::connect_with_options(address, connecting).await
    }

    /// Connects with these options. A server sets a statement timeout: a request that timed out leaves no statement
    /// running in PostgreSQL for longer.
    pub async fn connect_with_options(
        address: &Address,
        connecting: ConnectionOptions,
    ) -> anyhow::Result<Self> {
        match address {
            Address::Sqlite(path) => connect_sqlite::connect(path.clone())
                .await
                .with_context(|| format!("can't open the SQLite database {}", path.display())),
            Address::Postgres(_) => connect_postgres::connect(address, connecting)
                .await
                .context("can't connect to PostgreSQL (DATABASE_URL)"),
        }
    }

    /// Connects to a database that may still be starting: retries for `retry_for`, unless retrying can't help. Calls
    /// `on_retry` with the problem before each retry.
    pub async fn connect_with_retries(
        retry_for: Duration,
        address: &Address,
        connecting: ConnectionOptions,
        on_retry: impl Fn(&'static str),
    ) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let [mut delay, max_delay] = RETRY_DELAYS;
        loop {
            match Self::connect_with_options(address, connecting).await {
                Err(error) if is_temporary(&error) && begun.elapsed() + delay < retry_for => {
                    tracing::warn!(
                        cause = error_chain(&error),
                        "database not available, retrying"
                    );
                    on_retry(problem(&error));
                    sleep(delay).await;
                    delay = max_delay.min(delay * 2);
                }
                done => return done,
            }
        }
    }
}

/// Returns a short description of the problem of a database that a server waits for.
pub(super) fn problem(error: &anyhow::Error) -> &'static str {
    let is_read_only = error.chain().any(|cause| {
        let no_primary = cause.downcast_ref::<NoPrimary>();
        cause.is::<ReadOnly>() || no_primary.is_some_and(|error| error.is_read_only)
    });
    if is_read_only {
        READ_ONLY
    } else {
        "the database is unreachable"
    }
}

/// Whether retrying may help: the database is not listening yet, or not ready.
pub(super) fn is_temporary(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let pool_error = match cause.downcast_ref() {
            Some(DbErr::Conn(RuntimeErr::SqlxError(error))) => Some(&**error),
            Some(DbErr::ConnectionAcquire(_)) => return true,
            _ => None,
        };
        match pool_error.or_else(|| cause.downcast_ref()) {
            // A connection that is closed during the handshake reports a protocol error.
            Some(SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::PoolTimedOut) => true,
            Some(SqlxError::Database(database_error)) => is_temporary_code(&**database_error),
            // A failover may be under way.
            _ if cause.is::<ReadOnly>() => true,
            _ => match cause.downcast_ref::<NoPrimary>() {
                Some(error) => error.is_temporary,
                None => cause.is::<tokio::time::error::Elapsed>(),
            },
        }
    })
}

fn is_temporary_code(database_error: &dyn DatabaseError) -> bool {
    let code = database_error.code().unwrap_or_default();
    // A connection pooler has one code for all its own errors, also for an unreachable PostgreSQL.
    let is_pooler = code == "08P01"
        && POOLER_SERVER_ERRORS
            .iter()
            .any(|away| database_error.message().contains(away));
    is_pooler || TEMPORARY_CODES.contains(&&*code)
}

pub(super) fn options(url: String, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .connect_timeout(WAIT_TIMEOUT)
        .acquire_timeout(WAIT_TIMEOUT)
        // Connections to PostgreSQL are tested by `Primary`. Those to a file need no test.
        .test_before_acquire(false)
        .sqlx_logging_level(LevelFilter::Off)
        // `statements` logs them, truncated. `Off` would leave the default of the driver: to log those above a second.
        .sqlx_slow_statements_logging_settings(LevelFilter::Trace, Duration::MAX)
        .record_stmt_in_spans(false);
    options
}
