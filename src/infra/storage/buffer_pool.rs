//! The memory for uploads that are being sent to the store: a bounded number of buffers, one for each part.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::PART_BYTES;
use crate::core::error::Result;
use crate::infra::concurrency_limit::{ConcurrencyLimit, Permit, Settings, Timeout};

/// The number of buffers of [`PART_BYTES`] bytes in a process.
const BUFFERS: usize = 6;
/// The timeout for acquiring a buffer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The buffers of a process. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct BufferPool {
    limit: ConcurrencyLimit,
    /// Free memory for reuse. Freeing and allocating it for each part would increase the memory of the process.
    idle: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A buffer for one part: up to [`PART_BYTES`] bytes. Dropping it returns it to the pool.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    pool: BufferPool,
    permit: Option<Permit>,
}

impl BufferPool {
    pub(super) fn new() -> Self {
        Self {
            limit: ConcurrencyLimit::new(Settings {
                max: BUFFERS,
                max_per_client: BUFFERS,
                max_waiting: usize::MAX,
                timeout: Timeout::Fixed(TIMEOUT),
            }),
            idle: Arc::default(),
        }
    }

    /// Returns whether a buffer is in use.
    pub(super) fn is_used(&self) -> bool {
        self.limit.held() > 0
    }

    /// Returns whether all buffers are in use.
    pub(super) fn is_full(&self) -> bool {
        self.limit.held() == BUFFERS
    }

    /// Waits for a buffer. To avoid a deadlock, an upload may hold another one only while that is being sent to the
    /// store: the transfer then releases it.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` after 20 seconds.
    pub(super) async fn acquire(&self) -> Result<Buffer> {
        let permit = self.limit.acquire(None).await?;
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        Ok(Buffer {
            bytes: idle.unwrap_or_else(|| Vec::with_capacity(PART_BYTES)),
            pool: self.clone(),
            permit: Some(permit),
        })
    }
}

impl Buffer {
    /// The number of bytes in the buffer.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns whether the buffer is empty.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Appends as many of these bytes as fit. Returns their number.
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(PART_BYTES - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..count]);
        count
    }

    /// Returns the content. The buffer is in use until the last clone of it is dropped.
    pub fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut idle = self
            .pool
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        idle.push(bytes);
        drop(self.permit.take());
        if !self.pool.is_used() {
            // No upload is running: the memory is freed.
            idle.clear();
        }
    }
}
