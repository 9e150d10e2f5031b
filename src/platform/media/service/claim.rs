//! The promise that an object is removed again unless a row comes to name it.

use std::time::Duration;

use uuid::Uuid;

use super::remove::deletion;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::infra::database::Transaction;
use crate::platform::jobs::service::{self as outbox, NewTask};
use crate::state::State;

/// How long an object may be in the store without a row.
const UNNAMED: Duration = Duration::from_hours(1);
/// How long the promise stands before it is made anew, while bytes are still coming.
const RENEWAL: Duration = Duration::from_mins(10);

/// A deletion that is in the outbox already; [kept](Self::keep), it is never done. Dropped, it is done at once, and once more
/// when it is due: what the store was sent may be still on its way then, and arrive after it was removed. But when it was
/// taken back, and nobody knows whether that was committed, the database decides.
#[derive(Debug)]
pub struct Claim {
    state: State,
    id: Uuid,
    deletion: NewTask,
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
            .collect();
        let transaction = state.db.begin().await?;
        let ids = outbox::queue_tasks(&transaction, deletions.clone(), now).await?;
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
            outbox::put_off(&self.state, self.id, now.after(UNNAMED)).await?;
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
        if outbox::withdraw_untried(transaction, self.id).await? {
            Ok(())
        } else {
            tracing::warn!(task = %self.id, "a picture took so long that it was removed again");
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
        let deletion = NewTask {
            wait: Duration::ZERO,
            ..self.deletion.clone()
        };
        // Where no task can be spawned any more, the deletion waits until it is due.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = outbox::repeat_untried(&state, id, deletion).await {
                    error.log("the removal of a picture could not be hastened");
                }
            });
        }
    }
}
