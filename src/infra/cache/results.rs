//! Results of queries that cost much and depend on the catalog alone, such as the counts and facets of lists.
//!
//! A result is valid while [no part](Dependencies) that it depends on changes. Equal queries that arrive meanwhile wait
//! for the one that is being executed.

use std::any::{Any, type_name};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use super::flights::{EqualFlight, Flight, Flights};
use super::lease::Lease;
use crate::infra::database::{Changes, Dependencies};

/// How long a query waits for an equal one.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The estimated overhead of a result in bytes.
const OVERHEAD: usize = 300;

/// A query whose result may be cached. Its debug form identifies it.
pub trait CachedQuery: Debug + Clone {
    type Result: Clone + Send + Sync + 'static;

    /// Returns the parts of the catalog that the result depends on.
    fn dependencies(&self) -> Dependencies;

    /// Returns the memory that a result uses outside of its own value, in bytes.
    fn weight(result: &Self::Result) -> usize;
}

/// A result of any type.
type AnyResult = Arc<dyn Any + Send + Sync>;

/// The cached results.
#[derive(Debug)]
pub struct Results {
    cached: Option<Cache<String, Stored>>,
    flights: Arc<Flights<String, AnyResult>>,
    changes: Arc<Changes>,
    lease: Arc<Lease>,
}

#[derive(Clone, Debug)]
struct Stored {
    result: AnyResult,
    version: u64,
    weight: u32,
}

/// A query to execute, and the version at which its result is stored.
type Pending = (Flight<String, AnyResult>, u64);

/// The state of one query.
enum Lookup<R> {
    Found(R),
    Equal(EqualFlight<AnyResult>),
    Missing(Option<Pending>),
}

impl Results {
    /// Creates a cache of up to `bytes` bytes; 0 disables it.
    pub(super) fn new(bytes: u64, changes: &Arc<Changes>, lease: &Arc<Lease>) -> Self {
        let weigh = |_: &String, stored: &Stored| stored.weight;
        let cached =
            (bytes > 0).then(|| Cache::builder().max_capacity(bytes).weigher(weigh).build());
        Self {
            cached,
            flights: Arc::default(),
            changes: changes.clone(),
            lease: lease.clone(),
        }
    }

    /// Returns the number of bytes in use.
    pub(super) fn weight(&self) -> u64 {
        self.cached.as_ref().map_or(0, |cached| {
            cached.run_pending_tasks();
            cached.weighted_size()
        })
    }

    /// Returns the results of `queries` for `scope`, in their order. `execute` executes those that are not cached. It sees
    /// all changes of the catalog up to the number `seen`, if that is given, otherwise all changes.
    pub async fn get_many<Q, E, F>(
        &self,
        scope: impl Debug,
        seen: Option<u64>,
        queries: &[Q],
        execute: impl Fn(Vec<Q>) -> F,
    ) -> Result<Vec<Q::Result>, E>
    where
        Q: CachedQuery,
        F: Future<Output = Result<Vec<Q::Result>, E>>,
    {
        let mut results: Vec<Option<Q::Result>> = vec![None; queries.len()];
        let (mut equal, mut missing) = (Vec::new(), Vec::new());
        for (index, query) in queries.iter().enumerate() {
            match self.find(&scope, seen, query) {
                Lookup::Found(result) => results[index] = Some(result),
                Lookup::Equal(flight) => equal.push((index, flight)),
                Lookup::Missing(pending) => missing.push((index, pending)),
            }
        }
        // Before waiting for others, which may wait for these.
        if !missing.is_empty() {
            let wanted = missing.iter().map(|(index, _)| queries[*index].clone());
            let found = execute(wanted.collect()).await?;
            for ((index, pending), result) in missing.into_iter().zip(found) {
                self.store(&queries[index], &result, pending);
                results[index] = Some(result);
            }
        }
        let mut missing = Vec::new();
        for (index, flight) in equal {
            let result = flight.published(TIMEOUT).await;
            match result.and_then(|result| result.downcast_ref::<Q::Result>().cloned()) {
                Some(result) => results[index] = Some(result),
                None => missing.push(index),
            }
        }
        if !missing.is_empty() {
            let wanted = missing.iter().map(|index| queries[*index].clone());
            let found = execute(wanted.collect()).await?;
            for (index, result) in missing.into_iter().zip(found) {
                results[index] = Some(result);
            }
        }
        Ok(results.into_iter().flatten().collect())
    }

    fn find<Q: CachedQuery>(
        &self,
        scope: &impl Debug,
        seen: Option<u64>,
        query: &Q,
    ) -> Lookup<Q::Result> {
        let Some(cached) = &self.cached else {
            return Lookup::Missing(None);
        };
        // Read the version before the lease: the lease does not cover later changes by other processes.
        let version = self.changes.version_of(&query.dependencies());
        let Some(version) = version.filter(|_| self.lease.is_valid()) else {
            return Lookup::Missing(None);
        };
        let key = format!("{} {scope:?} {query:?}", type_name::<Q>());
        let stored = cached.get(&key).filter(|stored| stored.version == version);
        let found = stored.and_then(|stored| stored.result.downcast_ref::<Q::Result>().cloned());
        if let Some(found) = found {
            return Lookup::Found(found);
        }
        // A replica may return an older result than this version has.
        if seen.is_some_and(|seen| seen < version) {
            return Lookup::Missing(None);
        }
        match self.flights.start(key, version) {
            Ok(flight) => Lookup::Missing(Some((flight, version))),
            Err(equal) => Lookup::Equal(equal),
        }
    }

    fn store<Q: CachedQuery>(&self, query: &Q, result: &Q::Result, pending: Option<Pending>) {
        let Some((flight, version)) = pending else {
            return;
        };
        let any: AnyResult = Arc::new(result.clone());
        flight.publish(&any);
        let is_current = self.changes.version_of(&query.dependencies()) == Some(version);
        if let Some(cached) = self.cached.as_ref().filter(|_| is_current) {
            let key = flight.key().clone();
            let weight = OVERHEAD + key.len() + Q::weight(result);
            let stored = Stored {
                result: any,
                version,
                weight: u32::try_from(weight).unwrap_or(u32::MAX),
            };
            cached.insert(key, stored);
            cached.run_pending_tasks();
        }
    }
}
