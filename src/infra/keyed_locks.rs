//! Locks by key: work on one key is done one after the other in this process.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

use crate::core::error::{Error, Result};

/// Keys share this many locks, so that memory is bounded. Two keys with the same lock wait for each other.
const LOCKS: u64 = 256;
/// The maximum number of requests that hold a lock or wait for one. More would keep other mutations from being
/// executed.
const MAX_REQUESTS: usize = 64;

/// Locks by key, each in the order of arrival.
#[derive(Debug)]
pub struct KeyedLocks {
    locks: Vec<Mutex<()>>,
    // Random, so that no client can choose keys that share a lock.
    hasher: RandomState,
    requests: Semaphore,
}

/// The lock of a key, until it is dropped.
#[derive(Debug)]
pub struct KeyLock<'a> {
    _lock: MutexGuard<'a, ()>,
    _request: SemaphorePermit<'a>,
}

impl KeyedLocks {
    /// Waits for the lock of a key.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` at once, when 64 requests hold locks or wait.
    pub async fn lock(&self, key: &str) -> Result<KeyLock<'_>> {
        let request = self.requests.try_acquire();
        let request = request.map_err(|_| Error::Unavailable)?;
        let index = self.hasher.hash_one(key) % LOCKS;
        let index = usize::try_from(index).unwrap_or_default();
        Ok(KeyLock {
            _lock: self.locks[index].lock().await,
            _request: request,
        })
    }
}

impl Default for KeyedLocks {
    fn default() -> Self {
        Self {
            locks: (0..LOCKS).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::new(),
            requests: Semaphore::new(MAX_REQUESTS),
        }
    }
}
