//! Multipart uploads: an object is stored in parts while more of it is being received.

use std::mem;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::core::error::{Error, Result};

use super::Storage;
use super::connect::{single_attempt, without_timeout};
use super::error::failed;
use super::stall_detector::StallDetector;

/// The minimum size of every part but the last, in bytes.
pub const PART_BYTES: usize = 5 * 1024 * 1024;

/// A multipart upload. Aborted when dropped before it is finished.
#[derive(Debug)]
pub struct MultipartUpload {
    storage: Storage,
    key: String,
    id: String,
    parts: Vec<CompletedPart>,
    bytes: u64,
    number: i32,
    in_flight: Option<JoinHandle<Result<CompletedPart>>>,
    is_open: bool,
}

impl MultipartUpload {
    pub(super) fn new(storage: Storage, key: String, id: String) -> Self {
        Self {
            storage,
            key,
            id,
            parts: Vec::new(),
            bytes: 0,
            number: 0,
            in_flight: None,
            is_open: true,
        }
    }

    /// Returns the upload id for [`Storage::abort`].
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Starts sending a part of at least [`PART_BYTES`] bytes; only the last part may be smaller. Waits for the previous
    /// part only, so that the caller can collect the next one meanwhile. Maximum 10,000 parts.
    ///
    /// # Errors
    /// [`Error::Storage`] when the previous part failed.
    pub async fn push(&mut self, bytes: Bytes) -> Result<()> {
        self.arrive().await?;
        self.number += 1;
        self.bytes += bytes.len() as u64;
        let (storage, key, id) = (self.storage.clone(), self.key.clone(), self.id.clone());
        let sent = send(storage, key, id, self.number, bytes);
        self.in_flight = Some(tokio::spawn(sent));
        Ok(())
    }

    /// Completes the upload. Returns the size of the object in bytes.
    ///
    /// # Errors
    /// [`Error::Storage`]; the object may have been stored all the same.
    pub async fn finish(mut self) -> Result<u64> {
        if self.number == 0 {
            // An object has at least one part.
            self.push(Bytes::new()).await?;
        }
        self.arrive().await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(mem::take(&mut self.parts)));
        let store = self.storage.store()?;
        let request = store.client.complete_multipart_upload();
        let request = request.bucket(&store.bucket).key(&self.key);
        let request = request.upload_id(&self.id).multipart_upload(parts.build());
        let finished = request.customize().config_override(single_attempt()).send();
        finished
            .await
            .map_err(failed("complete the upload of", &self.key))?;
        self.is_open = false;
        Ok(self.bytes)
    }

    /// Aborts the upload and deletes its parts.
    ///
    /// # Errors
    /// [`Error::Storage`]: parts may remain, which the store deletes after some time.
    pub async fn abort(mut self) -> Result<()> {
        self.is_open = false;
        if let Some(part) = self.in_flight.take() {
            stop(part).await;
        }
        self.storage.abort(&self.key, &self.id).await
    }

    async fn arrive(&mut self) -> Result<()> {
        // Not taken out before it is done: if this future is dropped here, the drop of `self` stops the part.
        let Some(part) = &mut self.in_flight else {
            return Ok(());
        };
        let part = part.await.map_err(Error::internal);
        self.in_flight = None;
        self.parts.push(part??);
        Ok(())
    }
}

impl Drop for MultipartUpload {
    fn drop(&mut self) {
        let part = self.in_flight.take();
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if !self.is_open {
            return;
        }
        let (storage, key, id) = (self.storage.clone(), self.key.clone(), self.id.clone());
        runtime.spawn(async move {
            if let Some(part) = part {
                stop(part).await;
            }
            if let Err(error) = storage.abort(&key, &id).await {
                error.log("failed to abort an upload");
            }
        });
    }
}

/// Stops sending a part, so that it does not arrive after the upload was aborted.
async fn stop(part: JoinHandle<Result<CompletedPart>>) {
    part.abort();
    _ = part.await;
}

async fn send(
    storage: Storage,
    key: String,
    id: String,
    number: i32,
    bytes: Bytes,
) -> Result<CompletedPart> {
    let store = storage.store()?;
    let request = store.client.upload_part().bucket(&store.bucket).key(&key);
    let request = request.upload_id(id).part_number(number);
    let request = request.body(ByteStream::from(bytes.clone()));
    let stall_detector = StallDetector::of(bytes);
    let mut request = request.customize().interceptor(stall_detector.clone());
    if !store.signs_bodies {
        request = request.disable_payload_signing();
    }
    let sent = request.config_override(without_timeout()).send();
    let sent = stall_detector
        .watch(sent)
        .await
        .map_err(failed("store a part of", &key))?;
    let part = CompletedPart::builder().part_number(number);
    Ok(part.set_e_tag(sent.e_tag).build())
}
