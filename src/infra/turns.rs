//! Turns: work on one address is done one after the other in this process.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

use crate::core::error::{Error, Result};

/// Addresses share this many locks, so that memory is bounded. Two addresses with the same lock wait for each other.
const LOCKS: u64 = 256;
/// Requests that have their turn or wait for it. More would keep other mutations from being executed.
const MAX_REQUESTS: usize = 64;

/// Locks by address, in the order of arrival.
#[derive(Debug)]
pub struct Turns {
    locks: Vec<Mutex<()>>,
    // Random, so that no client can choose addresses that share a lock.
    hasher: RandomState,
    requests: Semaphore,
}

/// The turn of a request, until it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    _lock: MutexGuard<'a, ()>,
    _request: SemaphorePermit<'a>,
}

impl Turns {
    /// Waits for the turn of an address.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` at once, when 64 requests wait.
    pub async fn wait(&self, address: &str) -> Result<Turn<'_>> {
        let request = self.requests.try_acquire();
        let request = request.map_err(|_| Error::Unavailable)?;
        let number = self.hasher.hash_one(address) % LOCKS;
        let number = usize::try_from(number).unwrap_or_default();
        Ok(Turn {
            _lock: self.locks[number].lock().await,
            _request: request,
        })
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            locks: (0..LOCKS).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::new(),
            requests: Semaphore::new(MAX_REQUESTS),
        }
    }
}
