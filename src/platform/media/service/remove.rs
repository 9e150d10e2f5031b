//! Deletion of images.

use std::time::Duration;

use super::failure;
use super::sizes::remove_sizes;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::retry::Failure;
use crate::infra::database::Transaction;
use crate::platform::jobs::entity::{Kind, Model as Task};
use crate::platform::jobs::service::{self as outbox, NEVER_GIVEN_UP, NewTask};
use crate::state::State;

/// Creates the job that deletes an object with its resized variants after `wait`, and aborts its multipart upload.
pub fn deletion(key: String, upload: Option<&str>, wait: Duration) -> NewTask {
    NewTask {
        kind: Kind::Delete,
        subject: key,
        body: upload.unwrap_or_default().to_owned(),
        wait,
        lifetime: NEVER_GIVEN_UP,
    }
}

/// Queues the deletion of objects with their resized variants. `transaction` deletes the rows that reference them.
pub async fn forget(
    transaction: &Transaction,
    keys: impl IntoIterator<Item = String>,
    now: Timestamp,
) -> Result<()> {
    let deletions = keys
        .into_iter()
        .map(|key| deletion(key, None, Duration::ZERO));
    outbox::queue_tasks(transaction, deletions, now).await?;
    Ok(())
}

/// Runs a deletion job.
pub async fn delete(state: &State, task: &Task) -> Result<(), Failure> {
    let removed = async {
        let (key, upload) = (&task.subject, &task.body);
        if !upload.is_empty() {
            state.storage.abort(key, upload).await?;
        }
        state.storage.delete(key).await?;
        remove_sizes(state, key).await
    };
    removed.await.map_err(failure)
}
