//! Transactions, and the mark that one leaves when it commits.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

/// A transaction that may write. Dropped without a commit, it is rolled back.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    mark: Option<Mark>,
}

impl Transaction {
    pub(super) const fn new(inner: DatabaseTransaction, mark: Option<Mark>) -> Self {
        Self { inner, mark }
    }

    /// What the library's own functions take.
    pub(super) const fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Makes the change last, and the mark with it when its handle leaves one.
    ///
    /// The mark comes last, so that its row is locked after all others, whatever those were.
    pub async fn commit(self) -> Result<(), DbErr> {
        if let Some(mark) = &self.mark {
            (mark.0)(&self).await?;
        }
        self.inner.commit().await
    }

    /// Commits what is no change that anybody asked for and stays whatever becomes of that, such as the count of a try.
    pub async fn commit_unmarked(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    /// Takes back what was done in it, and waits until that is so.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}

type Leave =
    dyn for<'a> Fn(&'a Transaction) -> BoxFuture<'a, Result<(), DbErr>> + Send + Sync + 'static;

/// What the transactions of a handle do last, in themselves: they note that they were committed, and fail when they must
/// not be. So whoever reads the note knows for certain, whatever was cut when.
#[derive(Clone)]
pub struct Mark(Arc<Leave>);

impl Mark {
    /// A mark that is left by these statements.
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
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}
