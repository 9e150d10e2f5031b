//! Concurrency limits: how many requests are executed at once. Requests beyond the limit wait for a moment and are refused
//! early, while that is cheap: a server that accepts more than it can do answers nobody in time.
//!
//! The permits are shared fairly among clients, so that a client with many concurrent requests delays itself, not others.
//! How long a request waits depends on whether the overload is a burst or lasts, as in "Fail at Scale" (Ben Maurer, ACM
//! Queue 13(8), 2015) and in `CoDel` (RFC 8289), where that comes from.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::core::client_info::ClientKey;
use crate::core::error::{Error, Result};
use crate::infra::fair_semaphore::{FairSemaphore, Permit};

/// How long a queue that does not get empty counts as a burst.
const BURST: Duration = Duration::from_millis(100);
/// The timeout of a request that waits during a burst.
const BURST_TIMEOUT: Duration = Duration::from_millis(80);
/// The timeout of a request that waits while the overload lasts.
const OVERLOAD_TIMEOUT: Duration = Duration::from_millis(5);
/// The timeout of a request that waits because another client holds more permits: the next free permit is for it.
const FAIR_TIMEOUT: Duration = Duration::from_secs(2);
/// The number of waiting requests for each permit.
const QUEUE: usize = 16;

/// The concurrency limits by kind of request. A flood of one kind does not affect the others.
#[derive(Debug)]
pub struct ConcurrencyLimits {
    pub queries: ConcurrencyLimit,
    pub mutations: ConcurrencyLimit,
    /// Requests with files, which take as long as their client needs to send them.
    pub uploads: ConcurrencyLimit,
}

/// A limit on the number of requests that are executed at once.
#[derive(Debug)]
pub struct ConcurrencyLimit {
    permits: FairSemaphore,
    refused: AtomicU64,
    created: Instant,
    /// Since when requests have been waiting, in milliseconds since `created`; 0 when none waits.
    saturated_since: AtomicU64,
}

impl ConcurrencyLimit {
    /// Creates a limit of `max` requests at once.
    pub fn new(max: usize) -> Self {
        Self {
            permits: FairSemaphore::new(max, max, max * QUEUE),
            refused: AtomicU64::new(0),
            created: Instant::now(),
            saturated_since: AtomicU64::new(0),
        }
    }

    /// Waits for a permit for a request of this client.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`: within 100 ms, or within 2 seconds when another client holds more permits.
    pub async fn acquire(&self, client: ClientKey) -> Result<Permit> {
        if let Some(permit) = self.permits.try_acquire(client, 1) {
            if self.saturated_since.load(Ordering::Relaxed) != 0 && self.permits.has_no_queue() {
                self.saturated_since.store(0, Ordering::Relaxed);
            }
            return Ok(permit);
        }
        let acquired = timeout(self.timeout(client), self.permits.acquire(client, 1)).await;
        acquired.ok().flatten().ok_or_else(|| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            Error::Unavailable
        })
    }

    fn timeout(&self, client: ClientKey) -> Duration {
        let now = u64::try_from(self.created.elapsed().as_millis()).unwrap_or(u64::MAX);
        // The first waiting request sets the start.
        let saturated = self.saturated_since.compare_exchange(
            0,
            now.max(1),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        let since = saturated.err().unwrap_or(now);
        if self.permits.is_outweighed(client) {
            FAIR_TIMEOUT
        } else if u128::from(now.saturating_sub(since)) <= BURST.as_millis() {
            BURST_TIMEOUT
        } else {
            OVERLOAD_TIMEOUT
        }
    }

    /// The number of requests that are executed now.
    pub fn in_flight(&self) -> usize {
        self.permits.held()
    }

    /// The number of requests that were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}
