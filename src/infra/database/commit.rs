//! Commits: the idempotency record that is stored with each, and the resolution of those without a response.
//!
//! A connection that is lost during `COMMIT` leaves open whether the transaction was committed. A transaction with an
//! idempotency record finds out by reading the record, once the database responds again.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sea_orm::DbErr;
use tokio::time::sleep;

use super::Transaction;
use super::availability::UNAVAILABLE;
use super::error::is_connection_failure;
use super::primary::Primary;

/// The delay between two reads of the record.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// The number of reads of the record. The deadline of the request is usually earlier.
const MAX_READS: usize = 300;

/// The commits of one request that were done, or may have been. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Commits(Arc<AtomicUsize>);

impl Commits {
    /// Whether the request may have changed anything.
    pub fn may_have_changed(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// Counts a commit that is being sent.
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a commit that was not done after all.
    pub(super) fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

type RecordFn =
    dyn for<'a> Fn(&'a Transaction) -> BoxFuture<'a, Result<(), DbErr>> + Send + Sync + 'static;
type FindFn = dyn Fn() -> BoxFuture<'static, Result<Option<bool>, DbErr>> + Send + Sync + 'static;

/// The last statements of each transaction of a handle: they record the commit, and fail if the transaction must not
/// commit. The record is reliable, because it is a part of the transaction.
#[derive(Clone)]
pub struct CommitHook {
    record: Arc<RecordFn>,
    find: Arc<FindFn>,
    /// Whether a transaction of the handle was committed: the record then says nothing about the next one.
    has_committed: Arc<AtomicBool>,
}

impl CommitHook {
    /// Creates a hook from the statements that store the record, and from a query of it. The query waits until the
    /// transaction has ended, and returns whether it was committed, or `None` if there is no record.
    pub fn new<R, F>(record: R, find: F) -> Self
    where
        R: for<'a> Fn(&'a Transaction) -> BoxFuture<'a, Result<(), DbErr>> + Send + Sync + 'static,
        F: Fn() -> BoxFuture<'static, Result<Option<bool>, DbErr>> + Send + Sync + 'static,
    {
        Self {
            record: Arc::new(record),
            find: Arc::new(find),
            has_committed: Arc::default(),
        }
    }

    /// Stores the record.
    pub(super) async fn record(&self, transaction: &Transaction) -> Result<(), DbErr> {
        (self.record)(transaction).await
    }

    /// Returns the result of a commit: if its connection was lost, the one that the record shows.
    pub(super) async fn resolve(
        &self,
        committed: Result<(), DbErr>,
        primary: Option<&Primary>,
    ) -> Result<(), DbErr> {
        let resolved = match (committed, primary) {
            (Err(error), Some(primary))
                if is_connection_failure(&error) && !self.has_committed.load(Ordering::SeqCst) =>
            {
                self.find(error, primary).await
            }
            (committed, _) => committed,
        };
        if resolved.is_ok() {
            self.has_committed.store(true, Ordering::SeqCst);
        }
        resolved
    }

    /// Reads the record until the database responds.
    async fn find(&self, lost: DbErr, primary: &Primary) -> Result<(), DbErr> {
        for _ in 0..MAX_READS {
            primary.availability.returned().await;
            match (self.find)().await {
                Ok(Some(true)) => return Ok(()),
                Ok(Some(false)) => return Err(DbErr::Custom(NOT_COMMITTED.to_owned())),
                Ok(None) => break,
                Err(_) => sleep(RETRY_DELAY).await,
            }
        }
        Err(lost)
    }
}

/// The error of a transaction whose connection was lost, and which was rolled back.
pub(super) const NOT_COMMITTED: &str = "the connection was lost, and the transaction rolled back";

/// Whether a commit that returned this error was certainly not done.
pub(super) fn was_rolled_back(error: &DbErr) -> bool {
    match error {
        DbErr::Custom(message) if message == NOT_COMMITTED => true,
        DbErr::Custom(message) if message == UNAVAILABLE => false,
        error => !is_connection_failure(error),
    }
}

impl fmt::Debug for CommitHook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CommitHook")
    }
}
