//! A transaction of the library, with its permit to use a connection.

use std::sync::Arc;

use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use super::primary::Primary;

/// Why there is always a transaction of the library: the functions that take it consume the open transaction.
const TAKEN_AT_THE_END: &str = "the transaction is taken when it ends";

/// An open transaction. Rolled back when dropped.
///
/// Its connection is free only once the database has responded to the last statement, which may wait for a lock or for a
/// replica for longer than its request did. The permit is returned after that. Otherwise such connections, and the
/// transactions that got their permits, would use the connections for reads.
#[derive(Debug)]
pub(super) struct OpenTransaction {
    /// `None` once it was committed, rolled back or dropped.
    inner: Option<DatabaseTransaction>,
    /// `None` on SQLite.
    primary: Option<Arc<Primary>>,
    /// The share of the connections that transactions may use. `None` on SQLite, in a nested transaction, and in one
    /// that only reads.
    permit: Option<OwnedSemaphorePermit>,
}

impl OpenTransaction {
    pub const fn new(
        inner: DatabaseTransaction,
        primary: Option<Arc<Primary>>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            inner: Some(inner),
            primary,
            permit,
        }
    }

    /// Returns the handle for functions of the library.
    pub fn inner(&self) -> &DatabaseTransaction {
        self.inner.as_ref().expect(TAKEN_AT_THE_END)
    }

    /// Whether it returns a permit when the connection is free.
    pub const fn has_permit(&self) -> bool {
        self.permit.is_some()
    }

    /// Begins a nested transaction.
    pub async fn begin_nested(&self) -> Result<Self, DbErr> {
        let begun = self.inner().begin().await?;
        Ok(Self::new(begun, self.primary.clone(), None))
    }

    /// Executes a statement. See [`Primary::run`].
    pub async fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        run(self.primary.as_deref(), statement).await
    }

    /// Commits with the library. A permit is returned even if the caller does not wait for the response.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        let inner = self.take();
        run(self.primary.as_deref(), inner.commit()).await
    }

    /// Rolls back, and waits until that is done.
    pub async fn rollback(mut self) -> Result<(), DbErr> {
        self.take().rollback().await
    }

    /// Returns the connection and the permit, after the last response: nothing is left to wait for.
    pub fn close(mut self) {
        drop(self.take());
    }

    fn take(&mut self) -> DatabaseTransaction {
        self.inner.take().expect(TAKEN_AT_THE_END)
    }
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        let (Some(inner), Some(permit)) = (self.inner.take(), self.permit.take()) else {
            return;
        };
        let primary = self.primary.take();
        let roll_back = async move {
            // An error is that of the connection, which the pool closes.
            _ = run(primary.as_deref(), inner.rollback()).await;
            drop(permit);
        };
        // Without a runtime the process ends.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(roll_back);
        }
    }
}

async fn run<T>(
    primary: Option<&Primary>,
    statement: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    match primary {
        Some(primary) => primary.run(statement).await,
        None => statement.await,
    }
}
