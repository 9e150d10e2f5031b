//! A lease: the time until which cached responses may be returned.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a check with the database that no other process has changed anything stays valid. Servers that share a
/// database see each other's changes within this time.
const LEASE_DURATION: Duration = Duration::from_millis(900);

/// A lease that expires unless it is renewed.
#[derive(Debug)]
pub struct Lease {
    base: Instant,
    /// When it expires, in nanoseconds after `base`.
    end: AtomicU64,
}

impl Default for Lease {
    fn default() -> Self {
        Self {
            base: Instant::now(),
            end: AtomicU64::new(0),
        }
    }
}

impl Lease {
    /// Renews the lease for [`LEASE_DURATION`] from `checked_at`, the time of a check. All changes before that time must be known.
    pub fn renew(&self, checked_at: Instant) {
        self.end
            .store(self.nanos(checked_at + LEASE_DURATION), Ordering::SeqCst);
    }

    /// Ends the lease.
    pub fn end(&self) {
        self.end.store(0, Ordering::SeqCst);
    }

    /// Whether the lease is valid.
    pub fn is_valid(&self) -> bool {
        self.nanos(Instant::now()) < self.end.load(Ordering::SeqCst)
    }

    fn nanos(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.base);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}
