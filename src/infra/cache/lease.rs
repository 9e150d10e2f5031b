//! For how long what is kept may be given.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long the word of the database holds that nobody else has changed anything. Servers that share one know of each
/// other's changes within this time.
const TERM: Duration = Duration::from_millis(900);

/// A permission that ends by itself, unless it is given again and again.
#[derive(Debug)]
pub struct Lease {
    base: Instant,
    /// When it ends, in nanoseconds after `base`.
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
    /// Gives it for [`TERM`] from `asked` on, when all was known that had been done by then.
    pub fn give(&self, asked: Instant) {
        self.end.store(self.nanos(asked + TERM), Ordering::SeqCst);
    }

    /// Takes it away.
    pub fn end(&self) {
        self.end.store(0, Ordering::SeqCst);
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.nanos(Instant::now()) < self.end.load(Ordering::SeqCst)
    }

    fn nanos(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.base);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}
