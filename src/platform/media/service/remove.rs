//! Deletion of images.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failure;
use super::sizes::remove_sizes;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::retry::Failure;
use crate::infra::database::Transaction;
use crate::platform::jobs::service::{NewJob, enqueue};
use crate::platform::jobs::{Job, JobContext, Queue, RetryPolicy};

/// The job that deletes an object with its sizes.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeleteObject {
    key: String,
    /// The multipart upload that creates the object. It is aborted.
    upload: Option<String>,
}

impl Job for DeleteObject {
    const KIND: &'static str = "media.delete";
    const QUEUE: Queue = Queue::IMAGES;
    const RETRY: RetryPolicy = RetryPolicy::UNLIMITED;

    fn subject(&self) -> Option<String> {
        Some(self.key.clone())
    }

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        let state = &context.state;
        let removed = async {
            if let Some(upload) = &self.upload {
                state.storage.abort(&self.key, upload).await?;
            }
            state.storage.delete(&self.key).await?;
            remove_sizes(state, &self.key).await
        };
        removed.await.map_err(failure)
    }
}

/// The job that deletes an object with its sizes after this time, and aborts the upload that creates it.
pub fn deletion(key: String, upload: Option<&str>, delay: Duration) -> Result<NewJob> {
    let upload = upload.map(ToOwned::to_owned);
    Ok(NewJob::new(&DeleteObject { key, upload })?.after(delay))
}

/// Queues the deletion of objects with their resized variants. `transaction` deletes the rows that reference them.
pub async fn enqueue_deletions(
    transaction: &Transaction,
    keys: impl IntoIterator<Item = String>,
    now: Timestamp,
) -> Result<()> {
    let deletions = keys
        .into_iter()
        .map(|key| deletion(key, None, Duration::ZERO));
    let deletions: Vec<_> = deletions.collect::<Result<_>>()?;
    enqueue(transaction, deletions, now).await?;
    Ok(())
}
