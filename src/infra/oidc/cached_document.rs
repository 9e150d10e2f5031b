//! A cached document of the provider, fetched by one request at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::OidcError;
use crate::core::clock::{Clock, Timestamp};

/// The time without another request after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(2);
/// The minimum time between two refreshes that were forced by a missing key.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_mins(1);

/// A cached document. Clones share it.
pub struct CachedDocument<T>(Arc<Shared<T>>);

struct Shared<T> {
    clock: Clock,
    last: Mutex<LastResponse<T>>,
    /// Held while the document is fetched.
    fetch_lock: tokio::sync::Mutex<()>,
}

/// The last response.
struct LastResponse<T> {
    document: Option<Arc<T>>,
    until: Timestamp,
    /// When it was last requested, successfully or not.
    requested_at: Option<Timestamp>,
    failed: bool,
}

/// The cached result, or `None` if the document must be fetched.
type CachedResult<T> = Option<Result<Arc<T>, OidcError>>;

impl<T> Clone for CachedDocument<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + Sync + 'static> CachedDocument<T> {
    pub fn new(clock: &Clock) -> Self {
        let last = LastResponse {
            document: None,
            until: clock.now(),
            requested_at: None,
            failed: false,
        };
        Self(Arc::new(Shared {
            clock: clock.clone(),
            last: Mutex::new(last),
            fetch_lock: tokio::sync::Mutex::new(()),
        }))
    }

    /// Returns the document from the cache if it is fresh, else fetches it with `fetch`. Concurrent callers share one
    /// request.
    pub async fn get<F>(&self, fetch: F, deadline: Instant) -> Result<Arc<T>, OidcError>
    where
        F: Future<Output = Result<(T, Duration), OidcError>> + Send + 'static,
    {
        self.get_or_fetch(LastResponse::fresh, fetch, deadline)
            .await
    }

    /// Returns a document that is less than a minute old, else fetches it. For callers that miss a key in the cached
    /// one.
    pub async fn refresh<F>(&self, fetch: F, deadline: Instant) -> Result<Arc<T>, OidcError>
    where
        F: Future<Output = Result<(T, Duration), OidcError>> + Send + 'static,
    {
        self.get_or_fetch(LastResponse::recent, fetch, deadline)
            .await
    }

    async fn get_or_fetch<F>(
        &self,
        cached_result: fn(&LastResponse<T>, Timestamp) -> CachedResult<T>,
        fetch: F,
        deadline: Instant,
    ) -> Result<Arc<T>, OidcError>
    where
        F: Future<Output = Result<(T, Duration), OidcError>> + Send + 'static,
    {
        if let Some(cached_result) = self.0.cached(cached_result) {
            return cached_result;
        }
        let shared = self.0.clone();
        // In a separate task: other callers wait for the result even if this one is cancelled.
        let task = async move {
            let fetch_lock = timeout_at(deadline, shared.fetch_lock.lock()).await;
            let _turn = fetch_lock.map_err(|_| OidcError::Unavailable)?;
            if let Some(cached_result) = shared.cached(cached_result) {
                return cached_result;
            }
            let document = fetch.await;
            shared.store(document)
        };
        let task = tokio::spawn(task.in_current_span());
        let result = timeout_at(deadline, task).await;
        result.map_or(Err(OidcError::Unavailable), |result| {
            result.unwrap_or(Err(OidcError::Unavailable))
        })
    }
}

impl<T> Shared<T> {
    fn last(&self) -> MutexGuard<'_, LastResponse<T>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cached(
        &self,
        cached_result: fn(&LastResponse<T>, Timestamp) -> CachedResult<T>,
    ) -> CachedResult<T> {
        cached_result(&self.last(), self.clock.now())
    }

    fn store(&self, document: Result<(T, Duration), OidcError>) -> Result<Arc<T>, OidcError> {
        let now = self.clock.now();
        let mut last = self.last();
        last.requested_at = Some(now);
        last.failed = document.is_err();
        let (document, age) = document?;
        let document = Arc::new(document);
        last.document = Some(document.clone());
        last.until = now.after(age);
        Ok(document)
    }
}

impl<T> LastResponse<T> {
    fn fresh(&self, now: Timestamp) -> CachedResult<T> {
        if now < self.until
            && let Some(document) = &self.document
        {
            return Some(Ok(document.clone()));
        }
        let paused = self.failed && self.was_requested_within(RETRY_DELAY, now);
        paused.then_some(Err(OidcError::Unavailable))
    }

    fn recent(&self, now: Timestamp) -> CachedResult<T> {
        if !self.was_requested_within(MIN_REFRESH_INTERVAL, now) {
            return None;
        }
        match &self.document {
            Some(document) if !self.failed => Some(Ok(document.clone())),
            _ => Some(Err(OidcError::Unavailable)),
        }
    }

    fn was_requested_within(&self, time: Duration, now: Timestamp) -> bool {
        // A clock that was set back must not prevent requests.
        self.requested_at
            .is_some_and(|requested_at| requested_at <= now && now < requested_at.after(time))
    }
}
