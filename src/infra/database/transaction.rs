//! Transactions.

use std::sync::Arc;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

use super::changed_parts::{Catalog, ChangedParts, Touched};
use super::changes::Changes;
use super::commit::{CommitHook, Commits};
use super::open_transaction::OpenTransaction;
use super::outcome::{Outcome, was_rolled_back};
use super::write_check::{Targets, Written};
use super::{Database, change_table, currency};
use crate::core::language::Language;
use crate::core::money::Currency;
use crate::infra::telemetry::traces;

/// A transaction that may write. Rolled back when dropped without a commit.
#[derive(Debug)]
pub struct Transaction {
    open: OpenTransaction,
    commit_hook: Option<CommitHook>,
    /// `None` on SQLite, in a nested transaction, and in one that only reads.
    outcome: Option<Box<Outcome>>,
    /// The commits of the request. `None` in a nested transaction.
    commits: Option<Commits>,
    /// Counts its commit. `None` in a nested transaction, whose changes are committed with the outer one.
    changes: Option<Arc<Changes>>,
    /// The currency of the prices that this process writes.
    currency: Option<Currency>,
    /// The language in which this process indexes the catalog.
    language: Language,
    touched: Arc<Touched>,
    written: Arc<Written>,
}

impl Transaction {
    pub(super) fn new(
        open: OpenTransaction,
        database: &Database,
        commit_hook: Option<CommitHook>,
        outcome: Option<Box<Outcome>>,
        currency: Option<Currency>,
    ) -> Self {
        Self {
            open,
            commit_hook,
            outcome,
            commits: Some(database.commits.clone()),
            changes: Some(database.changes.clone()),
            currency,
            language: database.language,
            touched: Arc::default(),
            written: Arc::default(),
        }
    }

    /// Begins a nested transaction (savepoint), which can be rolled back separately.
    pub async fn begin_nested(&self) -> Result<Self, DbErr> {
        Ok(Self {
            open: self.open.begin_nested().await?,
            commit_hook: None,
            outcome: None,
            commits: None,
            changes: None,
            currency: None,
            language: self.language,
            touched: self.touched.clone(),
            written: self.written.clone(),
        })
    }

    /// Returns the language in which this process indexes the catalog.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Records that the transaction changes this part of the catalog: cached responses with it are invalid from the
    /// commit on, in all servers. Each function that writes to a table of the catalog calls this; debug builds assert
    /// it.
    pub fn touch(&self, part: Catalog) {
        self.touched.add(part);
    }

    /// Records that the transaction writes prices. The commit fails if the database stores another currency than this
    /// process has: see [`currency`].
    pub fn touch_prices(&self) {
        self.touched.add_prices();
    }

    /// Returns the handle for functions of the library.
    pub(super) fn inner(&self) -> &DatabaseTransaction {
        self.open.inner()
    }

    /// Commits, after storing the handle's idempotency record if it has one. If the connection is lost meanwhile, it finds
    /// out whether the transaction was committed.
    ///
    /// The record is stored last, so that its row is locked after all others.
    ///
    /// # Errors
    /// Also when products were written and the database stores another currency than this process has.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        self.confirm_currency().await?;
        if let Some(commit_hook) = &self.commit_hook {
            commit_hook.record(&self).await?;
        }
        let commits = self.commits.clone();
        let outcome = self.outcome.take();
        // Before it is sent: the future may be dropped at any time after that.
        if let Some(commits) = &commits {
            commits.add();
        }
        let sent_at = Instant::now();
        let mut committed = self.send(outcome.as_deref()).await;
        if let Some(outcome) = outcome {
            committed = Box::pin(outcome.resolve(committed, sent_at)).await;
        }
        match (&committed, commits) {
            (Err(error), Some(commits)) if was_rolled_back(error) => commits.subtract(),
            _ => {}
        }
        committed
    }

    /// Commits without the idempotency record and the outcome, for example a rate-limit counter.
    pub async fn commit_without_records(self) -> Result<(), DbErr> {
        self.confirm_currency().await?;
        self.send(None).await
    }

    /// Commits without a record for other servers, in a database that has no table for it any more.
    pub(super) async fn commit_unrecorded(self) -> Result<(), DbErr> {
        let changes = self.changes.as_ref();
        let _committing = changes.map(|changes| changes.begin(&self.touched.parts()));
        self.open.commit().await
    }

    /// Fails when prices were written in another currency than the database stores. The check locks the row of the
    /// shop, so that the currency can't change before the commit.
    async fn confirm_currency(&self) -> Result<(), DbErr> {
        match self.currency {
            Some(currency) if self.touched.has_prices() => {
                currency::confirm(self.inner(), currency).await
            }
            _ => Ok(()),
        }
    }

    async fn send(self, outcome: Option<&Outcome>) -> Result<(), DbErr> {
        let parts = self.touched.parts();
        debug_assert!(
            self.changes.is_none() || self.written.is_covered(&parts),
            "a transaction wrote to a table of the catalog without `Transaction::touch`"
        );
        let changes = self.changes.as_ref().filter(|_| !parts.is_empty());
        let Some(changes) = changes.cloned() else {
            let commit = commit(self.open, outcome.map(Outcome::insert));
            return Box::pin(commit).await;
        };
        let done = send(self.open, &changes, &parts, outcome.map(Outcome::id)).await;
        done.unwrap_or_else(|cut| Err(DbErr::Custom(cut.to_string())))
    }

    /// Rolls back, and waits until that is done.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.open.rollback().await
    }
}

/// Commits a change of the catalog in a separate task, so that a cancelled caller does not interrupt the commit.
fn send(
    open: OpenTransaction,
    changes: &Arc<Changes>,
    parts: &ChangedParts,
    outcome: Option<Uuid>,
) -> JoinHandle<Result<(), DbErr>> {
    let process = changes.process();
    let committing = changes.begin(parts);
    let last = (open.inner().get_database_backend() == DbBackend::Postgres).then(|| {
        let outcome = outcome.map(|id| (id, true));
        change_table::insert(process, parts, outcome)
    });
    let commit = async move {
        commit(open, last).await?;
        committing.acknowledge();
        Ok(())
    };
    traces::spawn(commit)
}

/// Commits, after executing the last statements, in one round trip.
async fn commit(open: OpenTransaction, last: Option<String>) -> Result<(), DbErr> {
    let last = match last {
        Some(last) => last + "; ",
        None if open.has_permit() => String::new(),
        // Nested, or on SQLite.
        None => return open.commit().await,
    };
    // The handle regards the transaction as open and rolls it back when it is dropped, together with the test of the
    // connection. `COMMIT` alone would make that a warning in the log of PostgreSQL.
    let commit = last + "COMMIT AND CHAIN";
    open.run(open.inner().execute_unprepared(&commit)).await?;
    open.close();
    Ok(())
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let targets = Targets::of(&statement.sql);
        let done = self.open.run(self.inner().execute_raw(statement)).await?;
        if done.rows_affected() > 0 {
            self.written.add(targets);
        }
        Ok(done)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let targets = Targets::of(sql);
        let done = self.open.run(self.inner().execute_unprepared(sql)).await?;
        if done.rows_affected() > 0 {
            self.written.add(targets);
        }
        Ok(done)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let targets = Targets::of(&statement.sql);
        let found = self.open.run(self.inner().query_one_raw(statement)).await?;
        if found.is_some() {
            self.written.add(targets);
        }
        Ok(found)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let targets = Targets::of(&statement.sql);
        let found = self.open.run(self.inner().query_all_raw(statement)).await?;
        if !found.is_empty() {
            self.written.add(targets);
        }
        Ok(found)
    }
}
