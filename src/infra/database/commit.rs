//! Commits: their number in a request, and the idempotency record that is stored with each.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use sea_orm::DbErr;

use super::Transaction;

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

/// The last statements of each transaction of a handle: they record the commit, and fail if the transaction must not
/// commit. The record is reliable, because it is a part of the transaction.
#[derive(Clone)]
pub struct CommitHook(Arc<RecordFn>);

impl CommitHook {
    /// Creates a hook from the statements that store the record.
    pub fn new<R>(record: R) -> Self
    where
        R: for<'a> Fn(&'a Transaction) -> BoxFuture<'a, Result<(), DbErr>> + Send + Sync + 'static,
    {
        Self(Arc::new(record))
    }

    /// Stores the record.
    pub(super) async fn record(&self, transaction: &Transaction) -> Result<(), DbErr> {
        (self.0)(transaction).await
    }
}

impl fmt::Debug for CommitHook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CommitHook")
    }
}
