//! Transactions, and the record that they store when they commit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::changes::{CATALOGUE, Changes, changes_any, tell};
use super::currency;
use crate::core::money::Currency;
use crate::infra::telemetry::traces;

/// A transaction that may write. Rolled back when dropped without a commit.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    mark: Option<Mark>,
    /// Where it tells that it is committed; a part of another leaves that to the whole.
    changes: Option<Arc<Changes>>,
    /// The currency of the prices that this process writes.
    currency: Option<Currency>,
    written: Arc<Written>,
}

/// The tables that a transaction has written to, with all its parts.
#[derive(Debug, Default)]
struct Written {
    catalogue: AtomicBool,
    products: AtomicBool,
}

impl Transaction {
    pub(super) fn new(
        inner: DatabaseTransaction,
        mark: Option<Mark>,
        changes: &Arc<Changes>,
        currency: Option<Currency>,
    ) -> Self {
        Self {
            inner,
            mark,
            changes: Some(changes.clone()),
            currency,
            written: Arc::default(),
        }
    }

    /// Creates a nested transaction.
    pub(super) fn part(&self, inner: DatabaseTransaction) -> Self {
        Self {
            inner,
            mark: None,
            changes: None,
            currency: None,
            written: self.written.clone(),
        }
    }

    /// Notes that it changes the catalogue.
    pub(super) fn note_change(&self) {
        self.written.catalogue.store(true, Ordering::Relaxed);
    }

    fn watch(&self, sql: &str) {
        if changes_any(sql, &CATALOGUE) {
            self.note_change();
            if changes_any(sql, &["products"]) {
                self.written.products.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Returns the handle for functions of the library.
    pub(super) const fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Commits, after storing the handle's idempotency record if it has one.
    ///
    /// The record is stored last, so that its row is locked after all others.
    ///
    /// # Errors
    /// Also when products were written and the database stores another currency than this process has.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.confirm_currency().await?;
        if let Some(mark) = &self.mark {
            (mark.0)(&self).await?;
        }
        self.send().await
    }

    /// Commits without the idempotency record, for example a rate-limit counter.
    pub async fn commit_unmarked(self) -> Result<(), DbErr> {
        self.confirm_currency().await?;
        self.send().await
    }

    /// Fails when prices were written in another currency than the database stores. The check locks the row of the
    /// shop, so that the currency can't change before the commit.
    async fn confirm_currency(&self) -> Result<(), DbErr> {
        match self.currency {
            Some(currency) if self.written.products.load(Ordering::Relaxed) => {
                currency::confirm(&self.inner, currency).await
            }
            _ => Ok(()),
        }
    }

    async fn send(self) -> Result<(), DbErr> {
        let changes = self.changes.as_ref();
        let changes = changes.filter(|_| self.written.catalogue.load(Ordering::Relaxed));
        let Some(changes) = changes.cloned() else {
            return Box::pin(self.inner.commit()).await;
        };
        tell(&self.inner).await?;
        let done = send(self.inner, &changes).await;
        done.unwrap_or_else(|cut| Err(DbErr::Custom(cut.to_string())))
    }

    /// Rolls back, and waits until that is done.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}

/// Commits a change of the catalogue in a separate task, so that a cancelled caller does not interrupt the commit.
fn send(inner: DatabaseTransaction, changes: &Arc<Changes>) -> JoinHandle<Result<(), DbErr>> {
    let committing = changes.begin();
    let commit = async move {
        let done = inner.commit().await;
        drop(committing);
        done
    };
    tokio::spawn(traces::within(commit.in_current_span()))
}

type Leave =
    dyn for<'a> Fn(&'a Transaction) -> BoxFuture<'a, Result<(), DbErr>> + Send + Sync + 'static;

/// The last statements of each transaction of a handle: they record the commit, and fail if the transaction must not
/// commit. The record is reliable, because it is a part of the transaction.
#[derive(Clone)]
pub struct Mark(Arc<Leave>);

impl Mark {
    /// Creates a mark from these statements.
    pub fn new<F>(leave: F) -> Self
    where
        F: for<'a> Fn(&'a Transaction) -> BoxFuture<'a, Result<(), DbErr>> + Send + Sync + 'static,
    {
        Self(Arc::new(leave))
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Mark")
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.watch(&statement.sql);
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watch(sql);
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.watch(&statement.sql);
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.watch(&statement.sql);
        self.inner.query_all_raw(statement).await
    }
}
