//! Queued deletions of objects that are not referenced by a row yet.

use std::time::Duration;

use uuid::Uuid;

use super::remove::deletion;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::database::Transaction;
use crate::platform::jobs::service::{NewJob, cancel_untried, enqueue, repeat_untried, reschedule};
use crate::state::State;

/// Time after which an unreferenced object is deleted.
const DELETION_DELAY: Duration = Duration::from_hours(1);
/// Age at which the deletion is rescheduled while an upload is running.
const RENEWAL_AGE: Duration = Duration::from_mins(10);

/// A queued deletion, until [`cancel`](Self::cancel). On drop the object is deleted at once, and again when the job is
/// due, because a request to the store may arrive after the first deletion. If the outcome of the transaction that
/// cancels it is unknown, the job row decides.
#[derive(Debug)]
pub struct PendingDeletion {
    state: State,
    id: Uuid,
    deletion: NewJob,
    made_at: Timestamp,
    open: bool,
}

impl PendingDeletion {
    /// Queues the deletion of an object, and the abort of its multipart upload.
    pub async fn create(state: &State, key: &str, upload: Option<&str>) -> Result<Self> {
        let mut pending_deletions = Self::create_all(state, [(key, upload)]).await?;
        let missing = || Error::internal(anyhow::anyhow!("no deletion job was queued"));
        pending_deletions.pop().ok_or_else(missing)
    }

    /// Queues the deletion of many objects.
    pub async fn create_many(state: &State, keys: &[&str]) -> Result<Vec<Self>> {
        Self::create_all(state, keys.iter().map(|key| (*key, None))).await
    }

    async fn create_all(
        state: &State,
        objects: impl IntoIterator<Item = (&str, Option<&str>)>,
    ) -> Result<Vec<Self>> {
        let now = state.clock.now();
        let deletions: Vec<_> = objects
            .into_iter()
            .map(|(key, upload)| deletion(key.to_owned(), upload, DELETION_DELAY))
            .collect::<Result<_>>()?;
        let transaction = state.db.begin().await?;
        let ids = enqueue(&transaction, deletions.clone(), now).await?;
        // Not a change by the client, so no idempotency record is stored.
        transaction.commit_without_records().await?;
        let pending_deletion = |(id, deletion)| Self {
            state: state.clone(),
            id,
            deletion,
            made_at: now,
            open: true,
        };
        Ok(ids
            .into_iter()
            .zip(deletions)
            .map(pending_deletion)
            .collect())
    }

    /// Reschedules the deletion while the object is still being uploaded.
    pub async fn renew(&mut self) -> Result<()> {
        let now = self.state.clock.now();
        if now.since(self.made_at) >= RENEWAL_AGE {
            reschedule(&self.state, self.id, now.after(DELETION_DELAY)).await?;
            self.made_at = now;
        }
        Ok(())
    }

    /// Cancels the deletion. `transaction` stores a row that references the object. Call
    /// [`mark_committed`](Self::mark_committed) after its commit.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` if the object may have been deleted already.
    pub async fn cancel(&self, transaction: &Transaction) -> Result<()> {
        if cancel_untried(transaction, self.id).await? {
            Ok(())
        } else {
            tracing::warn!(job = %self.id, "image deleted before its upload was stored");
            Err(Error::Unavailable)
        }
    }

    /// Marks the row as committed.
    pub fn mark_committed(mut self) {
        self.open = false;
    }
}

impl Drop for PendingDeletion {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let (state, id) = (self.state.clone(), self.id);
        let deletion = self.deletion.clone().after(Duration::ZERO);
        // Without a runtime the deletion waits until it is due.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = repeat_untried(&state, id, deletion).await {
                    error.log("early image deletion failed");
                }
            });
        }
    }
}
