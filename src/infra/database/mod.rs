//! The database: SQLite or PostgreSQL behind one pair of handles, one to read and one to write.
//!
//! On SQLite, a pool of read-only connections and a single writer: readers do not wait for the writer, and writers do
//! not compete for locks. On PostgreSQL both are the same pool.

mod availability;
mod backup;
mod begin;
mod change_table;
mod changed_parts;
mod changes;
mod commit;
mod connect;
mod connect_postgres;
mod connect_sqlite;
pub mod count;
pub mod currency;
mod due;
mod error;
pub mod insert;
pub mod keyset;
pub mod lease;
pub mod migrate;
mod open_transaction;
mod outcome;
pub mod parameters;
mod pooler;
mod pools;
mod postgres;
mod primary;
mod read_only;
mod reader;
mod replicas;
pub mod slug;
mod statements;
mod transaction;
pub mod union;
pub mod update;
mod watch;
mod write_check;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use tokio::sync::Semaphore;

use self::primary::Follower;
use crate::core::error::Result;
use crate::core::language::Language;
use crate::core::money::Currency;

/// Declares what sea-orm requires of an entity without relations and hooks.
#[macro_export]
macro_rules! no_relations {
    () => {
        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    };
}

/// The timeout of a request for a free connection, and of a SQLite writer for the lock.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The process's connections to its database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    reader: Reader,
    writer: DatabaseConnection,
    commit_hook: Option<CommitHook>,
    commits: Commits,
    /// The share of the connections that transactions may use, so that reads do not wait for transactions that wait for
    /// a lock or a replica. `None` on SQLite.
    transactions: Option<Arc<Semaphore>>,
    changes: Arc<Changes>,
    /// The number of connections that the writer of SQLite has opened.
    opened_writers: Arc<AtomicU64>,
    address: Arc<Address>,
    currency: Option<Currency>,
    language: Language,
    overridden_isolation: Option<Arc<str>>,
    /// Aborts the task that follows the primary.
    _follower: Option<Arc<Follower>>,
    /// `None` if there are none.
    replicas: Option<Arc<Replicas>>,
}

/// A handle or a transaction, which can execute statements.
pub use sea_orm::ConnectionTrait as Connection;

pub use crate::config::DatabaseAddress as Address;

pub use change_table::{OldChanges, delete_old_changes};
pub use changed_parts::{Catalog, ChangedParts, StockChange};
pub use changes::{Changes, Dependencies};
pub use commit::{CommitHook, Commits};
pub use connect::ConnectionOptions;
pub use due::DueCondition;
pub use error::{
    DbError, is_conflict, is_foreign_key_violation, is_statement_timeout, is_unavailable,
    is_unreachable, violates_unique_constraint,
};
pub use pools::Pool;
pub use read_only::READ_ONLY;
pub use reader::Reader;
pub use replicas::{ReplicaOptions, Replicas};
pub use transaction::Transaction;
pub use watch::ChangeWatcher;
pub use write_check::CATALOG_TABLES;

impl Database {
    /// Returns the same connections with an idempotency record, which each transaction stores when it commits.
    #[must_use]
    pub fn with_commit_hook(&self, commit_hook: CommitHook) -> Self {
        Self {
            commit_hook: Some(commit_hook),
            ..self.clone()
        }
    }

    /// Returns the same connections with the commits of a request, which counts those of each transaction.
    #[must_use]
    pub fn with_commits(&self, commits: &Commits) -> Self {
        let mut counted = self.clone();
        counted.commits = commits.clone();
        counted.reader.commits = commits.clone();
        counted
    }

    /// Uses replicas for [anonymous queries](Self::with_replica).
    ///
    /// # Errors
    /// When the URL of a replica is not valid.
    pub async fn add_replicas(
        &mut self,
        replicas: &ReplicaOptions,
        connecting: &ConnectionOptions,
    ) -> anyhow::Result<()> {
        self.replicas = Replicas::connect(replicas, connecting).await?.map(Arc::new);
        Ok(())
    }

    /// Returns the same connections with a replica that executes the queries of the reader, and shows all changes of the
    /// catalog up to the number `min_sequence`; without a primary, the most recent one. `None` if no replica can.
    pub fn with_replica(&self, min_sequence: u64) -> Option<Self> {
        let replicas = self.replicas.as_ref()?;
        let replica = replicas.pick(self.silent_for(), min_sequence)?;
        let mut with_replica = self.clone();
        with_replica.reader.replica = Some(replica);
        Some(with_replica)
    }

    /// Returns the same connections with a currency: transactions that write prices fail if the database stores
    /// another one. See [`currency`].
    #[must_use]
    pub fn with_currency(self, currency: Currency) -> Self {
        Self {
            currency: Some(currency),
            ..self
        }
    }

    /// Returns the same connections with the language in which the catalog is indexed.
    #[must_use]
    pub fn with_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Returns the language in which this process indexes the catalog.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Returns the default isolation level of the database if it differs from the one in use.
    pub fn overridden_isolation(&self) -> Option<&str> {
        self.overridden_isolation.as_deref()
    }

    /// Returns the changes of the catalog that this process knows of.
    pub const fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// Returns the handle for queries.
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Waits for the lock of this name, and holds it until the transaction ends. Does nothing on SQLite, which has
    /// one writing transaction at a time.
    pub async fn lock(transaction: &Transaction, name: &str) -> Result<(), DbErr> {
        if transaction.get_database_backend() == DbBackend::Postgres {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [name.into()]);
            transaction.execute_raw(lock).await?;
        }
        Ok(())
    }

    /// Whether a connection pooler is between this process and the database.
    pub const fn is_pooled(&self) -> bool {
        self.reader.pooled_settings.is_some()
    }

    /// Returns the kind of database.
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
            .handle
            .set_metric_callback(move |info| observe(info.statement));
        self.writer
            .set_metric_callback(move |info| observe_writes(info.statement));
    }

    /// Traces each statement of this handle and of clones made from it, and logs a warning if one takes longer than
    /// `slow_after`.
    pub fn trace_statements(&mut self, slow_after: Option<Duration>) {
        for handle in [&mut self.reader.handle, &mut self.writer] {
            statements::watch(handle, slow_after);
        }
    }

    /// Returns whether there are replicas.
    pub const fn has_replicas(&self) -> bool {
        self.replicas.is_some()
    }

    /// Closes the connections. SQLite checkpoints its WAL into the database file.
    pub async fn close(&self) -> Result<(), DbErr> {
        for replica in self.replicas.iter().flat_map(|replicas| replicas.handles()) {
            replica.close_by_ref().await?;
        }
        self.reader.handle.close_by_ref().await?;
        self.writer.close_by_ref().await
    }
}
