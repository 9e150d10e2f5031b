//! Metrics for monitoring: counts and durations of requests, and the resources of the process.
//!
//! Not by the library `prometheus-client`: it writes the bound of a bucket as `1.0` where dashboards select `1`, finds a
//! counter by a copy of its labels, and would save some 100 lines of 543.

mod operations;
mod process;
mod security;
mod text;

pub use operations::{Kind, Name, Outcome};
pub use process::write as write_process;
pub use security::{SecurityEvent, SecurityOutcome};
pub use text::Text;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::operations::{KINDS, Operations};
use self::security::SecurityEvents;

/// Up to how many microseconds a request takes to be counted in a bucket.
const BUCKETS: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];
/// How long numbers that the database was asked for are told again.
const REFRESH: Duration = Duration::from_secs(10);

/// The counts of a process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    operations: Operations,
    latency: [Histogram; KINDS.len()],
    cache_hits: AtomicU64,
    cache_misses: AtomicU64,
    security: SecurityEvents,
    outbox: tokio::sync::Mutex<Option<(Instant, Outbox)>>,
}

/// What is in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// All that is to be done.
    pub waiting: u64,
    /// What of it was begun before, and is under way or has failed.
    pub tried: u64,
}

#[derive(Debug, Default)]
struct Histogram {
    /// One for each bucket, and one for what takes longer.
    counts: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    /// The name that an operation is counted and logged under.
    pub fn name(&self, asked: Option<&str>) -> Name {
        self.0.operations.find(asked)
    }

    /// Counts a request, and gives the name it is counted under. Only one that goes well makes a new name known, so that refused ones can't use them up.
    pub fn count(
        &self,
        kind: Kind,
        name: Name,
        asked: Option<&str>,
        outcome: Outcome,
        time: Duration,
    ) -> Name {
        let inner = &self.0;
        let name = match asked {
            Some(asked) if name == Name::OTHER && outcome == Outcome::Ok => {
                inner.operations.add(asked)
            }
            _ => name,
        };
        inner.operations.count(kind, name, outcome);
        inner.latency[kind as usize].observe(time);
        name
    }

    /// Counts a question to the read cache.
    pub fn count_cached(&self, hit: bool) {
        let counter = if hit {
            &self.0.cache_hits
        } else {
            &self.0.cache_misses
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a security event.
    pub fn count_security(&self, event: SecurityEvent, outcome: SecurityOutcome) {
        self.0.security.count(event, outcome);
    }

    /// What a name is in words.
    pub fn words(&self, name: Name) -> Arc<str> {
        self.0.operations.words(name)
    }

    /// What is in the outbox, as `ask` tells it, or told it within the last ten seconds.
    pub async fn outbox<E>(
        &self,
        ask: impl Future<Output = Result<Outbox, E>>,
    ) -> Result<Outbox, E> {
        let mut known = self.0.outbox.lock().await;
        if let Some((since, outbox)) = *known
            && since.elapsed() < REFRESH
        {
            return Ok(outbox);
        }
        let outbox = ask.await?;
        *known = Some((Instant::now(), outbox));
        Ok(outbox)
    }

    /// Writes down what was counted.
    pub fn write(&self, text: &mut Text) {
        let inner = &self.0;
        inner.operations.write(text);
        let name = "wares_request_duration_seconds";
        text.head(name, "histogram", "How long GraphQL requests took.");
        for kind in KINDS {
            inner.latency[kind as usize].write(text, name, kind.as_str());
        }
        inner.security.write(text);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        for (name, help, counter) in [
            (
                "wares_read_cache_hits_total",
                "Requests that were answered from memory.",
                &inner.cache_hits,
            ),
            (
                "wares_read_cache_misses_total",
                "Requests that could have been, and were not.",
                &inner.cache_misses,
            ),
        ] {
            text.head(name, "counter", help);
            text.sample(name, &[], read(counter));
        }
    }
}

impl Histogram {
    fn observe(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|end| *end < micros);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn write(&self, text: &mut Text, name: &str, kind: &str) {
        let mut sum = 0;
        let ends = BUCKETS.iter().map(|end| text::seconds(*end));
        let ends = ends.chain(["+Inf".to_owned()]);
        let buckets = format!("{name}_bucket");
        for (count, end) in self.counts.iter().zip(ends) {
            sum += count.load(Ordering::Relaxed);
            text.sample(&buckets, &[("kind", kind), ("le", &end)], sum);
        }
        let micros = self.micros.load(Ordering::Relaxed);
        let total = text::seconds(micros);
        text.sample(&format!("{name}_sum"), &[("kind", kind)], total);
        text.sample(&format!("{name}_count"), &[("kind", kind)], sum);
    }
}
