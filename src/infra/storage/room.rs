//! How much of what is on its way to the store waits in memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::PART;
use crate::core::error::{Error, Result};

/// How many parts of [`PART`] bytes are in the memory of a server at once.
const PARTS: usize = 6;
/// How long an upload waits for the others.
const PATIENCE: Duration = Duration::from_secs(20);

/// The room for parts in memory. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Rooms {
    permits: Arc<Semaphore>,
    /// Memory that was used before: an allocator that gets it back and is asked for it again all the time ends up with more.
    idle: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// Room for one part: up to [`PART`] bytes, until it is dropped.
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

    /// Whether some of it is taken.
    pub(super) fn is_used(&self) -> bool {
        self.permits.available_permits() < PARTS
    }

    /// Whether all of it is taken.
    pub(super) fn is_full(&self) -> bool {
        self.permits.available_permits() == 0
    }

    /// Waits for room. Nobody waits for more with room in hand, unless that is on its way to the store and comes back by
    /// itself.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when there is none for long.
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
    /// How many bytes are in it.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes as many of these bytes as there is room for; gives how many.
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(PART - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..count]);
        count
    }

    /// What is in it. It is taken until the last clone of that is dropped.
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
            // Nobody uploads: the memory goes back.
            idle.clear();
        }
    }
}
