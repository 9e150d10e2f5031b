//! The promise that an object is removed again unless a row comes to name it.

use std::time::Duration;

use uuid::Uuid;

use super::remove::deletion;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::database::Transaction;
use crate::platform::jobs::service::{NewJob, cancel_untried, enqueue, repeat_untried, reschedule};
use crate::state::State;

/// How long an object may be in the store without a row.
const UNNAMED: Duration = Duration::from_hours(1);
/// How long the promise stands before it is made anew, while bytes are still coming.
const RENEWAL: Duration = Duration::from_mins(10);

/// A queued deletion of an object. [`keep`](Self::keep) cancels it. If the claim is dropped, the deletion runs at once, and
/// again when it is due, because bytes that are still on their way may arrive after the first. If a cancellation may or may
/// not have been committed, the row decides.
#[derive(Debug)]
pub struct Claim {
    state: State,
    id: Uuid,
    deletion: NewJob,
    made_at: Timestamp,
    open: bool,
}

impl Claim {
    /// Promises to remove the object of this key, and to abort the upload that makes it.
    pub async fn make(state: &State, key: &str, upload: Option<&str>) -> Result<Self> {
        let mut claims = Self::make_all(state, [(key, upload)]).await?;
        let missing = || Error::internal(anyhow::anyhow!("no deletion was written down"));
        claims.pop().ok_or_else(missing)
    }

    /// The same for many objects.
    pub async fn make_many(state: &State, keys: &[&str]) -> Result<Vec<Self>> {
        Self::make_all(state, keys.iter().map(|key| (*key, None))).await
    }

    async fn make_all(
        state: &State,
        objects: impl IntoIterator<Item = (&str, Option<&str>)>,
    ) -> Result<Vec<Self>> {
        let now = state.clock.now();
        let deletions: Vec<_> = objects
            .into_iter()
            .map(|(key, upload)| deletion(key.to_owned(), upload, UNNAMED))
            .collect::<Result<_>>()?;
        let transaction = state.db.begin().await?;
        let ids = enqueue(&transaction, deletions.clone(), now).await?;
        // What is promised here is no change that a client asked for.
        transaction.commit_unmarked().await?;
        let claim = |(id, deletion)| Self {
            state: state.clone(),
            id,
            deletion,
            made_at: now,
            open: true,
        };
        Ok(ids.into_iter().zip(deletions).map(claim).collect())
    }

    /// Sees to it that the object is not removed while it is still being written.
    pub async fn renew(&mut self) -> Result<()> {
        let now = self.state.clock.now();
        if now.since(self.made_at) >= RENEWAL {
            reschedule(&self.state, self.id, now.after(UNNAMED)).await?;
            self.made_at = now;
        }
        Ok(())
    }

    /// Takes the promise back: the transaction stores a row that names the object. When it is committed,
    /// [`release`](Self::release) follows.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when the object may be gone already.
    pub async fn keep(&self, transaction: &Transaction) -> Result<()> {
        if cancel_untried(transaction, self.id).await? {
            Ok(())
        } else {
            tracing::warn!(job = %self.id, "a picture took so long that it was removed again");
            Err(Error::Unavailable)
        }
    }

    /// The row is stored.
    pub fn release(mut self) {
        self.open = false;
    }
}

impl Drop for Claim {
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
                    error.log("the removal of a picture could not be hastened");
                }
            });
        }
    }
}
