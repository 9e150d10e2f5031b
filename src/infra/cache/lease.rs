//! A lease: the time until which cached responses may be returned.
//!
//! While nothing asks for it, the lease is renewed less often and expires in between. The first request then waits
//! until it is renewed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

/// How long a check with the database that no other process has changed anything stays valid. Servers that share a
/// database see each other's changes within this time.
const LEASE_DURATION: Duration = Duration::from_millis(900);

/// The time without a use after which the lease is renewed less often.
const QUIET_AFTER: Duration = Duration::from_secs(10);
/// The maximum time for which a request waits for the renewal of a lease that was not in use.
const RENEWAL_TIMEOUT: Duration = Duration::from_millis(50);

/// A lease that expires unless it is renewed.
#[derive(Debug)]
pub struct Lease {
    base: Instant,
    /// When it expires, in nanoseconds after `base`.
    end: AtomicU64,
    /// When the last check began, in nanoseconds after `base`.
    checked: AtomicU64,
    is_lost: AtomicBool,
    /// The last use, in nanoseconds after `base`.
    used: AtomicU64,
    /// Notified by the first use after a quiet time.
    wanted: Notify,
    renewed: Notify,
}

impl Default for Lease {
    fn default() -> Self {
        Self {
            base: Instant::now(),
            end: AtomicU64::new(0),
            checked: AtomicU64::new(0),
            is_lost: AtomicBool::new(false),
            used: AtomicU64::new(0),
            wanted: Notify::new(),
            renewed: Notify::new(),
        }
    }
}

impl Lease {
    /// Renews the lease for [`LEASE_DURATION`] from `checked_at`, the time of a check. All changes before that time must be known.
    pub fn renew(&self, checked_at: Instant) {
        self.checked.store(self.nanos(checked_at), Ordering::SeqCst);
        self.is_lost.store(false, Ordering::SeqCst);
        self.end
            .store(self.nanos(checked_at + LEASE_DURATION), Ordering::SeqCst);
        self.renewed.notify_waiters();
    }

    /// Ends the lease, because a check has failed.
    pub fn lose(&self) {
        self.end.store(0, Ordering::SeqCst);
        self.is_lost.store(true, Ordering::SeqCst);
    }

    /// Returns the time since the last check that succeeded, if one has failed since then.
    pub fn lost_for(&self) -> Option<Duration> {
        let is_lost = self.is_lost.load(Ordering::SeqCst);
        let checked = Duration::from_nanos(self.checked.load(Ordering::SeqCst));
        is_lost.then(|| (self.base + checked).elapsed())
    }

    /// Whether the lease is valid. Counts as a use.
    pub fn is_valid(&self) -> bool {
        let now = Instant::now();
        if self.is_quiet_at(now) {
            self.wanted.notify_one();
        }
        self.used.store(self.nanos(now), Ordering::Relaxed);
        self.nanos(now) < self.end.load(Ordering::SeqCst)
    }

    /// Waits until a lease that was not in use is renewed.
    pub async fn wake(&self) {
        // Before the use, which may be followed by the renewal at once.
        let renewed = self.renewed.notified();
        let was_quiet = self.is_quiet();
        if was_quiet && !self.is_valid() {
            // Without a renewal the caller finds out that the lease is not valid.
            _ = timeout(RENEWAL_TIMEOUT, renewed).await;
        }
    }

    /// Waits until the lease is used after a quiet time.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Whether the lease was not used for a while.
    pub fn is_quiet(&self) -> bool {
        self.is_quiet_at(Instant::now())
    }

    fn is_quiet_at(&self, now: Instant) -> bool {
        let used = Duration::from_nanos(self.used.load(Ordering::Relaxed));
        now.saturating_duration_since(self.base + used) > QUIET_AFTER
    }

    fn nanos(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.base);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}
