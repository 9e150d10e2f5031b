//! The database: SQLite or PostgreSQL behind one pair of handles, one to read and one to write.
//!
//! On SQLite these are a pool of read-only connections beside a single writer, so that readers never wait for a writer
//! nor writers for each other's locks; on PostgreSQL both are the same pool.

mod changes;
pub mod count;
mod fault;
pub mod insert;
pub mod keyset;
pub mod migrate;
mod pools;
pub mod slug;
mod transaction;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use log::LevelFilter;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::config::Secret;
use crate::error::Result;

/// How long a request waits for a free connection, and a SQLite writer for the lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// A statement that takes longer is worth a line in the log.
const SLOW_STATEMENT: Duration = Duration::from_millis(500);
/// A connection that was idle for longer is asked whether it still lives, so that a restart of the database costs no
/// request that comes later than this.
const MAY_BE_DEAD: Duration = Duration::from_secs(1);
/// SQLite's readers. More would only share the same cores.
const SQLITE_READERS: u32 = 4;
/// How much of the file each of SQLite's connections keeps in memory: 2 MiB, which SQLite writes as negative KiB.
const SQLITE_CACHE: &str = "-2048";

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A `postgres://` URL, which may hold a password.
    Postgres(Secret),
}

/// The process's connections to its database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    mark: Option<Mark>,
    changes: Arc<Changes>,
    address: Arc<Address>,
}

/// What statements can be run on: a handle or a transaction.
pub use sea_orm::ConnectionTrait as Connection;

pub use changes::{CATALOGUE, Changes};
pub use fault::{Fault, is_busy, is_collision, lacks_other, violates, was_overtaken};
pub use pools::Pool;
pub use transaction::{Mark, Transaction};
pub use watch::Watch;

impl Database {
    /// Connects. A SQLite file is made when it is missing, its folder is not.
    pub async fn connect(address: &Address, max_connections: u32) -> anyhow::Result<Self> {
        match address {
            Address::Sqlite(path) => Self::connect_sqlite(path.clone())
                .await
                .with_context(|| format!("can't open the SQLite database {}", path.display())),
            Address::Postgres(url) => Self::connect_postgres(url.expose(), max_connections)
                .await
                .context("can't connect to PostgreSQL (DATABASE_URL)"),
        }
    }

    async fn connect_postgres(url: &str, max_connections: u32) -> anyhow::Result<Self> {
        // A pool only says that it waited too long; one connection says why.
        let first = postgres_options(url)?;
        let first = tokio::time::timeout(PATIENCE, first.connect()).await;
        first.context("it does not answer")??.close().await?;

        let mut options = options(url.to_owned(), max_connections);
        options
            .set_application_name("wares")
            .map_sqlx_postgres_opts(|known| {
                without_brackets(known).options([lock_timeout(), no_jit()])
            });
        let pool = sea_orm::Database::connect(options).await?;
        Ok(Self {
            reader: pool.clone(),
            writer: pool,
            mark: None,
            changes: Arc::default(),
            address: Arc::new(Address::Postgres(url.to_owned().into())),
        })
    }

    async fn connect_sqlite(path: PathBuf) -> Result<Self, DbErr> {
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
                    // Statistics for the planner: of large tables that have none yet, and of what was used.
                    .analysis_limit(400)
                    .pragma("optimize", "0x10002")
                    .optimize_on_close(true, 400)
                    // With WAL, FULL is what survives a power cut after a commit was acknowledged.
                    .synchronous(SqliteSynchronous::Full)
            });
            sea_orm::Database::connect(options)
        };
        // The writer first: it makes the file that the readers open.
        let writer = pool(false).await?;
        let reader = pool(true).await?;
        Ok(Self {
            reader,
            writer,
            mark: None,
            changes: Arc::default(),
            address: Arc::new(Address::Sqlite(path)),
        })
    }

    /// The same connections, whose transactions leave this mark when they commit.
    #[must_use]
    pub fn marked(&self, mark: Mark) -> Self {
        Self {
            mark: Some(mark),
            ..self.clone()
        }
    }

    /// The changes of the catalogue that this process knows of.
    pub const fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// Where queries go.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once, because a reader that turns into
    /// a writer fails without waiting.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = self.writer.begin_with_options(options).await?;
        Ok(Transaction::new(begun, self.mark.clone(), &self.changes))
    }

    /// Begins a part of a transaction that can be taken back without the rest.
    pub async fn begin_within(transaction: &Transaction) -> Result<Transaction, DbErr> {
        let begun = transaction.inner().begin().await?;
        Ok(transaction.part(begun))
    }

    /// Begins a transaction that reads the database as it is now, whatever is written meanwhile.
    pub async fn begin_reading(&self) -> Result<Transaction, DbErr> {
        // On SQLite every transaction reads so.
        let isolation = match self.backend() {
            DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
            _ => None,
        };
        let begun = self.reader.begin_with_config(isolation, None).await?;
        Ok(Transaction::new(begun, None, &self.changes))
    }

    /// Begins a transaction that only one server at a time is in, for work on the whole database. On SQLite every
    /// writing transaction is that already.
    pub async fn begin_exclusive(&self) -> Result<Transaction, DbErr> {
        /// "wares" in ASCII: the key of the advisory lock.
        const LOCK: i64 = 0x77_6172_6573;
        let transaction = self.begin().await?;
        if self.backend() == DbBackend::Postgres {
            // A migration by another server may take its time.
            transaction
                .execute_unprepared("SET LOCAL lock_timeout = 0")
                .await?;
            let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
            transaction
                .execute_raw(Statement::from_string(DbBackend::Postgres, lock))
                .await?;
        }
        Ok(transaction)
    }

    /// Waits until no other transaction holds the lock of this name, and holds it until the transaction ends. On SQLite
    /// there is one writing transaction at a time, and nothing to wait for.
    pub async fn lock(transaction: &Transaction, name: &str) -> Result<(), DbErr> {
        if transaction.get_database_backend() == DbBackend::Postgres {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [name.into()]);
            transaction.execute_raw(lock).await?;
        }
        Ok(())
    }

    /// Which of the two it is.
    pub fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// Calls `observe` after each statement of this handle and of clones made from it.
    pub fn on_statement<F>(&mut self, observe: F)
    where
        F: Fn(&Statement) + Clone + Send + Sync + 'static,
    {
        let observe_writes = observe.clone();
        self.reader
            .set_metric_callback(move |info| observe(info.statement));
        self.writer
            .set_metric_callback(move |info| observe_writes(info.statement));
    }

    /// Closes the connections; SQLite's log is folded into its file.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await
    }
}

/// PostgreSQL waits for locks without end, unless it is told otherwise.
fn lock_timeout() -> (&'static str, String) {
    ("lock_timeout", PATIENCE.as_millis().to_string())
}

/// PostgreSQL would compile large statements before it runs them, which takes longer than running them.
fn no_jit() -> (&'static str, String) {
    ("jit", "off".to_owned())
}

fn postgres_options(url: &str) -> anyhow::Result<PgConnectOptions> {
    // The library's own complaint would quote the URL, password and all.
    let known = url.parse::<PgConnectOptions>().map_err(|_| {
        anyhow::anyhow!("not an address such as postgres://user:password@host/name")
    })?;
    Ok(without_brackets(known).application_name("wares"))
}

/// An IPv6 address stands in brackets in a URL, and without them everywhere else.
fn without_brackets(options: PgConnectOptions) -> PgConnectOptions {
    let host = options.get_host().to_owned();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bare {
        Some(host) => options.host(host),
        None => options,
    }
}

fn options(url: String, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .test_before_acquire_if_idle_for(MAY_BE_DEAD)
        .sqlx_logging_level(LevelFilter::Off)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, SLOW_STATEMENT)
        .record_stmt_in_spans(false);
    options
}
