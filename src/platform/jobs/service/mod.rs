//! Queueing jobs, and rescheduling or cancelling those that are queued.

mod email;
mod failed;
mod polls;
mod worker;

pub use email::{Email, NewEmail, cancel_email, delete_failed_emails, enqueue_email, send_email};
pub use failed::{
    FAILED_JOB_RETENTION, count, delete_expired, find, list, list_for_operator, retry,
    retry_all_for_operator, retry_for_operator, subject,
};
pub use polls::Polls;
pub use worker::{due_condition, run, run_due_jobs};

use std::time::Duration;

use uuid::Uuid;

use super::Job;
use super::entity::Model;
use super::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::uuid_v7;
use crate::infra::database::Transaction;
use crate::infra::telemetry::metrics::Outbox;
use crate::state::State;

/// When a failed job is due.
pub const NEVER: Timestamp = Timestamp(i64::MAX);

/// A job to queue.
#[derive(Clone, Debug)]
pub struct NewJob {
    kind: &'static str,
    subject: String,
    payload: String,
    recipient: Option<String>,
    nonce: Option<Vec<u8>>,
    delay: Duration,
    lifetime: Duration,
}

impl NewJob {
    /// A job that is due at once and expires by the policy of its kind.
    pub fn new<J: Job>(job: &J) -> Result<Self> {
        Ok(Self {
            kind: J::KIND,
            subject: job.subject().unwrap_or_default(),
            payload: serde_json::to_string(job).map_err(Error::internal)?,
            recipient: None,
            nonce: None,
            delay: Duration::ZERO,
            lifetime: J::RETRY.lifetime,
        })
    }

    /// The same job, due after this time.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The same job with another lifetime.
    #[must_use]
    pub fn for_at_most(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    fn into_row(self, now: Timestamp) -> Model {
        let due_at = now.after(self.delay);
        Model {
            id: uuid_v7(now),
            kind: self.kind.to_owned(),
            recipient: self.recipient,
            subject: self.subject,
            body: String::new(),
            nonce: self.nonce,
            attempts: 0,
            created_at: now,
            due_at,
            expires_at: due_at.after(self.lifetime),
            payload: Some(self.payload),
            failed_at: None,
            last_error: None,
        }
    }
}

/// The number of pending jobs.
pub async fn pending(state: &State) -> Result<Outbox> {
    let (waiting, tried) = repository::count_pending(state.db.reader()).await?;
    Ok(Outbox { waiting, tried })
}

/// Queues jobs; returns their ids. They run after the transaction is committed.
pub async fn enqueue(
    transaction: &Transaction,
    jobs: impl IntoIterator<Item = NewJob>,
    now: Timestamp,
) -> Result<Vec<Uuid>> {
    let rows: Vec<_> = jobs.into_iter().map(|job| job.into_row(now)).collect();
    let ids = rows.iter().map(|row| row.id).collect();
    repository::insert_many(transaction, rows).await?;
    Ok(ids)
}

/// Queues a copy of a job in a transaction of its own, if that job has not been attempted.
pub async fn repeat_untried(state: &State, id: Uuid, job: NewJob) -> Result<()> {
    let transaction = state.db.begin().await?;
    // Waits for a transaction that is about to cancel the job.
    if repository::lock_untried(&transaction, id).await? {
        enqueue(&transaction, [job], state.clock.now()).await?;
    }
    Ok(transaction.commit_without_records().await?)
}

/// Deletes a job that has not been attempted. Returns whether there was one.
pub async fn cancel_untried(transaction: &Transaction, id: Uuid) -> Result<bool> {
    Ok(repository::delete_untried(transaction, id).await?)
}

/// Sets when a job is due, in a transaction of its own.
pub async fn reschedule(state: &State, id: Uuid, due_at: Timestamp) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::reschedule(&transaction, id, due_at, None).await?;
    Ok(transaction.commit_without_records().await?)
}
