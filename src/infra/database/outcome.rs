//! What became of a transaction whose connection to PostgreSQL was lost during `COMMIT`.
//!
//! Each transaction that writes also inserts a row into [`CHANGE_TABLE`] that says it was committed, under an id of its
//! own. To find out after a lost connection, another transaction inserts a row that says the opposite under the same id,
//! which is unique: only one of them exists. It waits for the first transaction if that is still running, prevents its
//! commit if that has not yet arrived, and waits for the same replicas.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use super::Database;
use super::change_table::{self, CHANGE_TABLE};
use super::changed_parts::ChangedParts;
use super::error::is_connection_failure;

/// The delay between two queries of an outcome.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// The time from the commit until its outcome is no longer queried. Rows are deleted a minute after the commit at the
/// earliest. The deadline of the request is usually earlier.
const MAX_QUERY_TIME: Duration = Duration::from_secs(40);

/// The outcome of a transaction.
#[derive(Debug)]
pub(super) struct Outcome {
    id: Uuid,
    db: Database,
}

impl Outcome {
    /// Returns the outcome of a new transaction. `None` on SQLite, where no connection can be lost.
    pub(super) fn of(db: &Database) -> Option<Box<Self>> {
        let of_postgres = || {
            // Not in the order of time, so that concurrent transactions write to different pages of the index.
            let id = Uuid::from_u128(rand::random());
            Box::new(Self { id, db: db.clone() })
        };
        (db.backend() == DbBackend::Postgres).then(of_postgres)
    }

    /// Returns the id of the row.
    pub(super) const fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the statement that inserts the row of a transaction that does not change the catalog. It inserts nothing
    /// if the transaction has written nothing.
    pub(super) fn insert(&self) -> String {
        self.insert_as(true) + " WHERE pg_current_xact_id_if_assigned() IS NOT NULL"
    }

    fn insert_as(&self, committed: bool) -> String {
        let process = self.db.changes.process();
        let nothing = ChangedParts::default();
        change_table::insert(process, &nothing, Some((self.id, committed)))
    }

    /// Returns the result of a commit that was sent at a time. If its connection was lost, that is the outcome, once the
    /// primary responds.
    pub(super) async fn resolve(
        self,
        committed: Result<(), DbErr>,
        sent_at: Instant,
    ) -> Result<(), DbErr> {
        let (error, primary) = match (committed, &self.db.reader.primary) {
            (Err(error), Some(primary)) if is_connection_failure(&error) => (error, primary),
            (committed, _) => return committed,
        };
        let find = async {
            loop {
                primary.availability.returned().await;
                match self.find_or_prevent().await {
                    Ok(true) => return Ok(()),
                    Ok(false) => return Err(DbErr::Custom(NOT_COMMITTED.to_owned())),
                    Err(_) => sleep(RETRY_DELAY).await,
                }
            }
        };
        let found = timeout_at(sent_at + MAX_QUERY_TIME, find).await;
        found.unwrap_or(Err(error))
    }

    /// Returns whether the transaction was committed. If it was not, it can't be any more.
    async fn find_or_prevent(&self) -> Result<bool, DbErr> {
        // It writes in either case, so that its commit waits for the replicas that the outcome has to reach.
        let insert = self.insert_as(false);
        let sql = format!(
            "{insert} ON CONFLICT (commit_id) DO UPDATE SET committed = {CHANGE_TABLE}.committed RETURNING committed"
        );
        let query = Statement::from_string(DbBackend::Postgres, sql);
        let transaction = self.db.begin().await?;
        let found = transaction.query_one_raw(query).await?;
        let found = found.ok_or_else(|| DbErr::RecordNotFound("no outcome".to_owned()))?;
        let committed = found.try_get_by_index(0)?;
        transaction.commit_without_records().await?;
        Ok(committed)
    }
}

/// The error of a transaction whose connection was lost, and which was rolled back.
pub(super) const NOT_COMMITTED: &str = "the connection was lost, and the transaction rolled back";

/// Whether a commit that returned this error was certainly not done.
pub(super) fn was_rolled_back(error: &DbErr) -> bool {
    match error {
        DbErr::Custom(message) => message == NOT_COMMITTED,
        error => !is_connection_failure(error),
    }
}
