//! How much of what is on its way to the store waits in memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// How many parts of [`PART`](super::PART) bytes are in the memory of a server at once.
const PARTS: usize = 6;
/// How long an upload waits for the others.
const PATIENCE: Duration = Duration::from_secs(20);

/// The room for parts in memory. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Rooms(Arc<Semaphore>);

/// Room for one part, until it and its clones are dropped.
#[derive(Clone, Debug)]
pub struct Room {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Rooms {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(PARTS)))
    }

    /// Whether some of it is taken.
    pub(super) fn is_used(&self) -> bool {
        self.0.available_permits() < PARTS
    }

    /// Whether all of it is taken.
    pub(super) fn is_full(&self) -> bool {
        self.0.available_permits() == 0
    }

    /// Waits for room. Nobody waits for more with room in hand, unless that is on its way to the store and comes back by
    /// itself.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when there is none for long.
    pub(super) async fn take(&self) -> Result<Room> {
        let permit = timeout(PATIENCE, self.0.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| Error::Unavailable)?;
        let permit = permit.map_err(Error::internal)?;
        Ok(Room {
            _permit: Arc::new(permit),
        })
    }
}
