//! The read cache: responses in memory, returned without parsing, authorizing or executing the request again.
//!
//! # Which responses are cached
//!
//! Public responses without errors that depend on the catalog alone. [`crate::api::http`] uses the cache only for
//! anonymous clients and signed-in customers, who see the same catalog, and stores only responses that the cache hints
//! of the schema make public. The cache key is all bytes of the request, its transport and the negotiated media type.
//!
//! # Equal requests
//!
//! When a response is not cached, one of the equal requests that arrive until it is known is executed, and the others get its
//! response. They arrived at the same version of the catalog, so they see no change later than they may. While a change
//! is being committed, each request is executed.
//!
//! # Counts and facets
//!
//! The [results] of counts and facets are cached as well, apart from responses: all pages and orders of a list share
//! them. Those of admins are separate.
//!
//! # Invalidation
//!
//! - **Catalog changes.** A response is stored with the [number of the last change](Changes::sequence) before its first
//!   read, and with the [parts of the catalog](Dependencies) that it depends on: products, categories, stocks, or all
//!   lists. It is valid until one of them changes. A transaction [touches](crate::infra::database::Transaction::touch)
//!   the parts that it changes, and they count as changing until its commit completes. A [background task](watch)
//!   watches for changes by other processes and renews a lease. Without a valid lease no response is returned; it
//!   expires if the task fails.
//! - **Time.** Only signed image URLs depend on the time. A response is cached for at most one minute, and each URL
//!   in it is then valid for at least eight more minutes.
//! - **Settings and schema** do not change while the process runs.
//! - **The client** has no influence: headers that depend on its address, cookies or origin are added to each response
//!   after the lookup.

mod flights;
mod key;
mod lease;
mod response;
pub mod results;
pub mod watch;

pub use key::CacheKey;
pub use response::CachedResponse;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use self::flights::{EqualFlight, Flight, Flights};
use self::lease::Lease;
use self::results::Results;
use crate::core::clock::{Clock, Timestamp};
use crate::infra::database::{Changes, Dependencies};

/// The maximum age of a cached response. A signed image URL may be valid for only 9 minutes when its signing key
/// expires.
const LIFETIME: Duration = Duration::from_mins(1);
/// The estimated overhead of an entry in bytes.
const ENTRY_OVERHEAD: usize = 400;
/// The maximum size of a response in bytes, whatever the capacity.
const MAX_RESPONSE: usize = 1 << 20;
/// How long a request waits for the execution of an equal one. That one may be delayed by its client's other requests.
const EQUAL_TIMEOUT: Duration = Duration::from_millis(250);
/// The share of the capacity for the results of counts and facets.
const RESULTS_SHARE: u64 = 8;
/// The minimum number of responses that fit: none may use more than this share of the capacity.
const MIN_RESPONSES: u64 = 8;

/// The read cache. Cheap to clone.
#[derive(Clone)]
pub struct ReadCache {
    cached: Option<Cache<CacheKey, Entry>>,
    max_response: usize,
    /// The time for which responses are returned while the database's primary does not respond.
    stale_for: Duration,
    changes: Arc<Changes>,
    lease: Arc<Lease>,
    flights: Arc<Flights<CacheKey, Arc<CachedResponse>>>,
    results: Arc<Results>,
    clock: Clock,
}

#[derive(Clone)]
struct Entry {
    response: Arc<CachedResponse>,
    dependencies: Dependencies,
    sequence: u64,
    since: Timestamp,
}

/// The result of a lookup.
#[derive(Debug)]
pub enum CacheLookup {
    /// A valid cached response.
    CachedResponse(Arc<CachedResponse>),
    /// A cached response of which it is not known whether it is valid, because the database's primary does not respond.
    /// The value is the time since the last check.
    StaleResponse(Arc<CachedResponse>, Duration),
    /// Not cached; the response can be stored under this pending entry.
    PendingEntry(PendingEntry),
    /// Not cached; an equal request is being executed.
    EqualRequest(EqualRequest),
    /// Caching is disabled or not possible now.
    Disabled,
}

/// A pending entry: the key, and the last change and time of the lookup. Equal requests wait until it is dropped.
#[derive(Debug)]
pub struct PendingEntry {
    key: CacheKey,
    sequence: u64,
    since: Timestamp,
    /// The number of the change that made a cached response invalid.
    changed: Option<u64>,
    /// `None` if the lookup was during a commit: equal requests then do not wait.
    flight: Option<Flight<CacheKey, Arc<CachedResponse>>>,
}

impl PendingEntry {
    /// Returns the number of the last change of the catalog that made a cached response invalid, if there was one.
    pub const fn changed(&self) -> Option<u64> {
        self.changed
    }
}

/// The execution of an equal request, to wait for.
#[derive(Debug)]
pub struct EqualRequest(EqualFlight<Arc<CachedResponse>>);

impl EqualRequest {
    /// Waits for the response. `None` if it may not be shared, or takes too long.
    pub async fn response(self) -> Option<Arc<CachedResponse>> {
        self.0.published(EQUAL_TIMEOUT).await
    }
}

impl ReadCache {
    /// Creates a cache of up to `bytes` bytes; 0 disables it. It stores nothing before [`watch::run`] runs.
    pub fn new(bytes: u64, stale_for: Duration, changes: &Arc<Changes>, clock: &Clock) -> Self {
        let weigh = |cache_key: &CacheKey, cached: &Entry| {
            let weight = cache_key.bytes.len() + cached.response.weight();
            let weight = ENTRY_OVERHEAD + weight + cached.dependencies.weight();
            u32::try_from(weight).unwrap_or(u32::MAX)
        };
        let for_results = bytes / RESULTS_SHARE;
        let builder = Cache::builder().max_capacity(bytes - for_results);
        let cached = (bytes > 0).then(|| builder.weigher(weigh).build());
        let share = usize::try_from(bytes / MIN_RESPONSES).unwrap_or(usize::MAX);
        let lease = Arc::default();
        Self {
            cached,
            stale_for,
            max_response: share.min(MAX_RESPONSE),
            changes: changes.clone(),
            results: Arc::new(Results::new(for_results, changes, &lease)),
            lease,
            flights: Arc::default(),
            clock: clock.clone(),
        }
    }

    /// Whether the cache is enabled.
    pub const fn is_on(&self) -> bool {
        self.cached.is_some()
    }

    /// Returns the number of bytes in use, including keys.
    pub fn weight(&self) -> u64 {
        let responses = self.cached.as_ref().map_or(0, |cached| {
            cached.run_pending_tasks();
            cached.weighted_size()
        });
        responses + self.results.weight()
    }

    /// Returns the cached results of counts and facets.
    pub fn results(&self) -> &Results {
        &self.results
    }

    fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Counts a read that depends on the [watcher](watch) besides those of the cache: it checks more often while there are
    /// any.
    pub fn note_use(&self) {
        self.lease.is_valid();
    }

    /// Prepares lookups: waits a moment if nothing was looked up for a while.
    pub async fn wake(&self) {
        if self.is_on() {
            self.lease.wake().await;
        }
    }

    /// Looks up the response to a request. Must be called before anything is read for that response.
    pub fn find(&self, cache_key: &CacheKey) -> CacheLookup {
        let Some(cached) = &self.cached else {
            return CacheLookup::Disabled;
        };
        let now = self.clock.now();
        let found = cached.get(cache_key);
        let cached = found.as_ref();
        let cached = cached.filter(|cached| cached.is_valid(&self.changes, now));
        let version = self.changes.version();
        let sequence = version.unwrap_or_else(|| self.changes.sequence());
        // Read last: the lease does not cover later changes by other processes.
        if !self.lease.is_valid() {
            let lost_for = self.lease.lost_for().filter(|lost| *lost < self.stale_for);
            return match cached.zip(lost_for) {
                Some((cached, staleness)) => {
                    CacheLookup::StaleResponse(cached.response.clone(), staleness)
                }
                None => CacheLookup::Disabled,
            };
        }
        if let Some(cached) = cached {
            return CacheLookup::CachedResponse(cached.response.clone());
        }
        let key = cache_key.compact();
        let flight = version.map(|version| self.flights.start(key.clone(), version));
        match flight.transpose() {
            Ok(flight) => CacheLookup::PendingEntry(PendingEntry {
                key,
                sequence,
                since: now,
                changed: found.and_then(|found| self.changes.version_of(&found.dependencies)),
                flight,
            }),
            Err(equal) => CacheLookup::EqualRequest(EqualRequest(equal)),
        }
    }

    /// Stores a response with these dependencies, unless it is too large or already out of date. Equal requests that
    /// wait get it in any case, unless a replica was read: it then shows all changes up to the number `seen`.
    pub fn store(
        &self,
        pending: PendingEntry,
        response: &Arc<CachedResponse>,
        dependencies: Dependencies,
        seen: Option<u64>,
    ) {
        let sequence = seen.map_or(pending.sequence, |seen| seen.min(pending.sequence));
        let is_unchanged = self.changes.is_unchanged_since(sequence, &dependencies);
        // Requests that wait may know of changes that a replica does not show.
        if let Some(flight) = pending
            .flight
            .as_ref()
            .filter(|_| is_unchanged || seen.is_none())
        {
            flight.publish(response);
        }
        let Some(cached) = &self.cached else {
            return;
        };
        let weight = response.weight() + pending.key.bytes.len();
        if weight > self.max_response || !is_unchanged {
            return;
        }
        let entry = Entry {
            response: response.clone(),
            dependencies,
            sequence,
            since: pending.since,
        };
        cached.insert(pending.key, entry);
        // Evict now. Otherwise the cache exceeds its capacity until the next maintenance.
        cached.run_pending_tasks();
    }
}

impl Entry {
    fn is_valid(&self, changes: &Changes, now: Timestamp) -> bool {
        let is_unchanged = changes.is_unchanged_since(self.sequence, &self.dependencies);
        is_unchanged && self.since <= now && now.since(self.since) < LIFETIME
    }
}

impl fmt::Debug for ReadCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_on = self.is_on();
        formatter.debug_tuple("ReadCache").field(&is_on).finish()
    }
}
