//! Whether the search engine may be asked: not while it is being filled, and rarely after it failed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The pause after the first failure. Doubles with each further one.
const MIN_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Health {
    is_filled: AtomicBool,
    failure: Mutex<Option<Failure>>,
}

/// Failures since the last success.
#[derive(Clone, Copy, Debug)]
struct Failure {
    pause: Duration,
    retry_at: Instant,
}

impl Health {
    /// Returns whether the engine holds all products.
    pub(super) fn is_filled(&self) -> bool {
        self.is_filled.load(Ordering::Acquire)
    }

    /// Sets whether the engine holds all products.
    pub(super) fn set_filled(&self, is_filled: bool) {
        self.is_filled.store(is_filled, Ordering::Release);
    }

    /// Returns whether to ask the engine. After a failure, one caller tries again when the pause has ended.
    pub(super) fn may_ask(&self) -> bool {
        if !self.is_filled() {
            return false;
        }
        let mut failure = self.failure();
        match &mut *failure {
            None => true,
            Some(Failure { retry_at, .. }) if Instant::now() < *retry_at => false,
            Some(Failure { pause, retry_at }) => {
                *retry_at = Instant::now() + *pause;
                true
            }
        }
    }

    /// Records that the engine answered. Returns whether it had failed before.
    pub(super) fn succeed(&self) -> bool {
        self.failure().take().is_some()
    }

    /// Records that the engine failed. Returns whether it is the first failure since it answered.
    pub(super) fn fail(&self) -> bool {
        let mut failure = self.failure();
        let pause = failure.map_or(MIN_PAUSE, |failure| MAX_PAUSE.min(failure.pause * 2));
        let is_first = failure.is_none();
        *failure = Some(Failure {
            pause,
            retry_at: Instant::now() + pause,
        });
        is_first
    }

    fn failure(&self) -> MutexGuard<'_, Option<Failure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
