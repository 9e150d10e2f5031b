//! How many requests are executed at once. Those beyond it wait for a moment, and are turned away while it is cheap to do so:
//! a server that takes in more than it can do answers nobody in time.
//!
//! How long they wait depends on whether it is a burst or has lasted for a while, as in "Fail at Scale" (Ben Maurer, ACM
//! Queue 13(8), 2015) and in `CoDel` (RFC 8289), where that comes from.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// How long a queue that does not get empty is a burst.
const BURST: Duration = Duration::from_millis(100);
/// How long a request waits in a burst, and how long after it.
const PATIENCE: [Duration; 2] = [Duration::from_millis(80), Duration::from_millis(5)];
/// How many wait for each that is executed.
const QUEUE: usize = 16;

/// What is executed at once, each kind for itself: who floods one keeps nobody from the others.
#[derive(Debug)]
pub struct Budgets {
    pub queries: Budget,
    pub mutations: Budget,
    /// Requests with files, which take as long as their client.
    pub uploads: Budget,
}

/// How many requests of a kind are executed at once.
#[derive(Debug)]
pub struct Budget {
    places: Semaphore,
    most: usize,
    waiting: AtomicUsize,
    turned_away: AtomicU64,
    begun: Instant,
    /// Since when some have been waiting, in milliseconds since `begun`; 0 when nobody is.
    full_since: AtomicU64,
}

impl Budget {
    /// So many at once.
    pub fn new(most: usize) -> Self {
        Self {
            places: Semaphore::new(most),
            most,
            waiting: AtomicUsize::new(0),
            turned_away: AtomicU64::new(0),
            begun: Instant::now(),
            full_since: AtomicU64::new(0),
        }
    }

    /// Waits for a place, which is taken until it is dropped.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`, within a tenth of a second.
    pub async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            // There is one only when nobody waits.
            if self.full_since.load(Ordering::Relaxed) != 0 {
                self.full_since.store(0, Ordering::Relaxed);
            }
            return Ok(place);
        }
        let place = self.wait().await;
        place.ok_or_else(|| {
            self.turned_away.fetch_add(1, Ordering::Relaxed);
            Error::Unavailable
        })
    }

    async fn wait(&self) -> Option<SemaphorePermit<'_>> {
        let _waiting = Waiting::begin(&self.waiting, self.most * QUEUE)?;
        let place = timeout(self.patience(), self.places.acquire()).await;
        place.ok()?.ok()
    }

    fn patience(&self) -> Duration {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        // The first who waits says since when.
        let full =
            self.full_since
                .compare_exchange(0, now.max(1), Ordering::Relaxed, Ordering::Relaxed);
        let since = full.err().unwrap_or(now);
        let [short, standing] = PATIENCE;
        let is_burst = u128::from(now.saturating_sub(since)) <= BURST.as_millis();
        if is_burst { short } else { standing }
    }

    /// How many are executed now.
    pub fn under_way(&self) -> usize {
        self.most - self.places.available_permits()
    }

    /// How many were turned away.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }
}

/// One who waits, until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        let waiting = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < most).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
