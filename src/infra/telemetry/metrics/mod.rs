//! Metrics for Prometheus: counts and durations of requests, and resource use of the process.
//!
//! Counting a request takes a few atomic additions, without locks and, for known operations, without allocations.
//! Libraries look up a counter by its labels, under a lock and with a copy of the labels, so none is used.

mod operations;
mod payments;
mod process;
mod security;
mod text;

pub use operations::{Kind, Name, Outcome};
pub use payments::{CallOutcome, ProviderCall};
pub use process::write as write_process;
pub use security::{SecurityEvent, SecurityOutcome};
pub use text::Text;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::operations::{KINDS, Operations};
use self::payments::ProviderCalls;
use self::security::SecurityEvents;

/// Upper bounds of the latency buckets in microseconds.
const BUCKETS: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];
/// The time for which numbers from the database are cached.
const REFRESH: Duration = Duration::from_secs(10);

/// The metrics of a process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    operations: Operations,
    latency: [Histogram; KINDS.len()],
    cache_hits: AtomicU64,
    cache_misses: AtomicU64,
    provider_failures: AtomicU64,
    payment_mismatches: AtomicU64,
    stripe_calls: ProviderCalls,
    security: SecurityEvents,
    outbox: tokio::sync::Mutex<Option<(Instant, Outbox)>>,
}

/// The numbers of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// All open jobs.
    pub waiting: u64,
    /// Open jobs with at least one attempt: running or failed.
    pub tried: u64,
}

#[derive(Debug, Default)]
struct Histogram {
    /// One counter per bucket, and one for longer durations.
    counts: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    /// Returns the name under which an operation is counted and logged.
    pub fn name(&self, requested: Option<&str>) -> Name {
        self.0.operations.find(requested)
    }

    /// Counts a request. Returns the name it is counted under. New names are only learned from successful requests,
    /// so that refused ones can't exhaust them.
    pub fn count(
        &self,
        kind: Kind,
        name: Name,
        requested: Option<&str>,
        outcome: Outcome,
        time: Duration,
    ) -> Name {
        let inner = &self.0;
        let name = match requested {
            Some(requested) if name == Name::OTHER && outcome == Outcome::Ok => {
                inner.operations.add(requested)
            }
            _ => name,
        };
        inner.operations.count(kind, name, outcome);
        inner.latency[kind as usize].observe(time);
        name
    }

    /// Counts a lookup in the read cache.
    pub fn count_cached(&self, hit: bool) {
        let counter = if hit {
            &self.0.cache_hits
        } else {
            &self.0.cache_misses
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call of a payment provider without a response.
    pub fn count_provider_failure(&self) {
        self.0.provider_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a payment that differs at its provider, for example in its amount or currency.
    pub fn count_payment_mismatch(&self) {
        self.0.payment_mismatches.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call of Stripe.
    pub fn count_stripe_call(&self, call: ProviderCall, outcome: CallOutcome) {
        self.0.stripe_calls.count(call, outcome);
    }

    /// Counts a security event.
    pub fn count_security(&self, event: SecurityEvent, outcome: SecurityOutcome) {
        self.0.security.count(event, outcome);
    }

    /// Returns the text of a name.
    pub fn words(&self, name: Name) -> Arc<str> {
        self.0.operations.words(name)
    }

    /// Returns the numbers of jobs: cached ones up to 10 seconds old, otherwise those that `ask` reads.
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

    /// Writes the metrics.
    pub fn write(&self, text: &mut Text) {
        let inner = &self.0;
        inner.operations.write(text);
        let name = "wares_request_duration_seconds";
        text.head(name, "histogram", "Duration of GraphQL requests.");
        for kind in KINDS {
            inner.latency[kind as usize].write(text, name, kind.as_str());
        }
        inner.security.write(text);
        inner.stripe_calls.write(text);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        for (name, help, counter) in [
            (
                "wares_read_cache_hits_total",
                "Requests answered from the read cache.",
                &inner.cache_hits,
            ),
            (
                "wares_read_cache_misses_total",
                "Cacheable requests that were not in the read cache.",
                &inner.cache_misses,
            ),
            (
                "wares_payment_provider_failures_total",
                "Calls of payment providers without a response.",
                &inner.provider_failures,
            ),
            (
                "wares_payment_mismatches_total",
                "Payments that differ at their provider, for example in the amount or currency.",
                &inner.payment_mismatches,
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
