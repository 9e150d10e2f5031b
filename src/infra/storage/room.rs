//! The pool of buffers for parts on their way to the store.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::PART;
use crate::core::error::{Error, Result};

/// The maximum number of buffers of [`PART`] bytes per server.
const PARTS: usize = 6;
/// The maximum time that an upload waits for a buffer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A pool of buffers. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Rooms {
    permits: Arc<Semaphore>,
    /// Unused buffers. Reused because freeing and allocating them continuously fragments the allocator's memory.
    idle: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A buffer of up to [`PART`] bytes, returned to the pool on drop.
#[derive(Debug)]
pub struct Room {
    bytes: Vec<u8>,
    rooms: Rooms,
    permit: Option<OwnedSemaphorePermit>,
}

impl Rooms {
    pub(super) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(PARTS)),
            idle: Arc::default(),
        }
    }

    /// Whether any buffer is in use.
    pub(super) fn is_used(&self) -> bool {
        self.permits.available_permits() < PARTS
    }

    /// Whether all buffers are in use.
    pub(super) fn is_full(&self) -> bool {
        self.permits.available_permits() == 0
    }

    /// Waits for a buffer. To avoid deadlocks, a caller must not hold another one meanwhile, unless that one is being
    /// sent and will be returned by itself.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when none is free within 20 seconds.
    pub(super) async fn take(&self) -> Result<Room> {
        let permit = timeout(PATIENCE, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| Error::Unavailable)?;
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        Ok(Room {
            bytes: idle.unwrap_or_else(|| Vec::with_capacity(PART)),
            rooms: self.clone(),
            permit: Some(permit.map_err(Error::internal)?),
        })
    }
}

impl Room {
    /// Returns the number of bytes in the buffer.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the buffer is empty.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Appends as many of these bytes as fit. Returns their number.
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(PART - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..count]);
        count
    }

    /// Returns the bytes. The buffer stays in use until the last clone of them is dropped.
    pub fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Room {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut idle = self
            .rooms
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        idle.push(bytes);
        drop(self.permit.take());
        if !self.rooms.is_used() {
            // No uploads: free the memory.
            idle.clear();
        }
    }
}
