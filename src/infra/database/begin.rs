//! Begins transactions.

use sea_orm::error::ConnAcquireErr;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::error::is_connection_failure;
use super::open_transaction::OpenTransaction;
use super::outcome::Outcome;
use super::reader::MAX_ATTEMPTS;
use super::{Database, Transaction, WAIT_TIMEOUT};
use crate::infra::telemetry::traces;

/// The error of a transaction that found no free connection in time: others wait for a lock or a replica.
pub(super) const CONNECTIONS_IN_USE: &str = "all database connections for transactions are in use";

/// Begins a transaction on a connection of a pool.
///
/// On PostgreSQL it runs in a separate task, so that a cancelled caller does not interrupt it: after an interrupted `BEGIN`
/// the library returns the connection to the pool without a `ROLLBACK`, and the next statement on it runs in that
/// transaction. On SQLite the library rolls back.
///
/// On PostgreSQL an attempt to get a connection is repeated: see [`may_get_connection`].
pub(super) async fn begin(
    handle: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    if handle.get_database_backend() == DbBackend::Sqlite {
        return handle.begin_with_options(options).await;
    }
    let handle = handle.clone();
    let begun = traces::spawn(async move {
        let start = Instant::now();
        loop {
            match handle.begin_with_options(options).await {
                Err(error) if may_get_connection(&error, start) => {}
                begun => return begun,
            }
        }
    })
    .await;
    begun.unwrap_or_else(|panicked| Err(DbErr::Custom(panicked.to_string())))
}

/// Whether to try again to get a connection, first tried at `start`: an attempt that timed out may have been to open one to a
/// server that does not respond, and the next one may lead to another.
pub(super) fn may_get_connection(error: &DbErr, start: Instant) -> bool {
    matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
        && start.elapsed() < WAIT_TIMEOUT
}

impl Database {
    /// Begins a transaction that may write. On SQLite it takes the write lock at once, because upgrading a read
    /// transaction fails without waiting. In a request that has committed, it begins again when the connection is lost.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let permit = self.acquire_permit().await?;
        let mut begun = self.begin_once().await;
        for _ in 1..MAX_ATTEMPTS {
            match &begun {
                Err(error) if is_connection_failure(error) && self.reader.waits().await => {}
                _ => break,
            }
            begun = self.begin_once().await;
        }
        let commit_hook = self.commit_hook.clone();
        let open = OpenTransaction::new(begun?, self.reader.primary.clone(), permit);
        Ok(Transaction::new(
            open,
            self,
            commit_hook,
            Outcome::of(self),
            self.currency,
        ))
    }

    async fn begin_once(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let statement = async {
            match &self.reader.pooled_settings {
                Some(pooled_settings) => {
                    let begun = pooled_settings.begin(&self.writer, IsolationLevel::ReadCommitted);
                    begun.await
                }
                None => begin(&self.writer, options).await,
            }
        };
        self.reader.run(statement).await
    }

    /// Waits for a permit to use one of the connections for a transaction.
    async fn acquire_permit(&self) -> Result<Option<OwnedSemaphorePermit>, DbErr> {
        let Some(transactions) = self.transactions.clone() else {
            return Ok(None);
        };
        let acquire = async {
            let acquired = timeout(WAIT_TIMEOUT, transactions.acquire_owned()).await;
            match acquired {
                Ok(Ok(permit)) => Ok(Some(permit)),
                // The request may wait longer, without a permit.
                _ => Err(DbErr::Custom(CONNECTIONS_IN_USE.to_owned())),
            }
        };
        self.reader.run(acquire).await
    }

    /// Begins a transaction that reads a snapshot of the database, unaffected by concurrent writes.
    pub async fn begin_snapshot(&self) -> Result<Transaction, DbErr> {
        // On SQLite every transaction reads a snapshot.
        let isolation = match self.backend() {
            DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
            _ => None,
        };
        let handle = &self.reader.handle;
        let statement = async {
            match (&self.reader.pooled_settings, isolation) {
                (Some(pooled_settings), Some(isolation)) => {
                    pooled_settings.begin(handle, isolation).await
                }
                (_, isolation_level) => {
                    let options = TransactionOptions {
                        isolation_level,
                        ..TransactionOptions::default()
                    };
                    begin(handle, options).await
                }
            }
        };
        let begun = self.reader.run(statement).await?;
        let open = OpenTransaction::new(begun, self.reader.primary.clone(), None);
        let transaction = Transaction::new(open, self, None, None, None);
        if self.backend() == DbBackend::Postgres {
            // Reading the whole database may take longer than the statement timeout.
            transaction
                .execute_unprepared("SET LOCAL statement_timeout = 0")
                .await?;
        }
        Ok(transaction)
    }

    /// Begins an exclusive transaction for work on the whole database: one at a time over all servers. On SQLite
    /// every writing transaction is exclusive.
    pub async fn begin_exclusive(&self) -> Result<Transaction, DbErr> {
        /// "wares" in ASCII: the key of the advisory lock.
        const LOCK: i64 = 0x77_6172_6573;
        let transaction = self.begin().await?;
        if self.backend() == DbBackend::Postgres {
            // A migration by another server may take long.
            transaction
                .execute_unprepared("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
                .await?;
            let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
            transaction
                .execute_raw(Statement::from_string(DbBackend::Postgres, lock))
                .await?;
        }
        Ok(transaction)
    }
}
