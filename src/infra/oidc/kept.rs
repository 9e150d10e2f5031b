//! A cached document of the provider, fetched by one request at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::Fault;
use crate::core::clock::{Clock, Timestamp};

/// The time without another request after a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// The minimum time between two refreshes that were forced by a missing key.
const MINUTE: Duration = Duration::from_mins(1);

/// A cached document. Clones share it.
pub struct Kept<T>(Arc<Place<T>>);

struct Place<T> {
    clock: Clock,
    last: Mutex<Last<T>>,
    /// Held while the document is fetched.
    turn: tokio::sync::Mutex<()>,
}

/// The last response.
struct Last<T> {
    said: Option<Arc<T>>,
    until: Timestamp,
    /// When it was last requested, successfully or not.
    asked: Option<Timestamp>,
    failed: bool,
}

/// The cached result, or `None` if the document must be fetched.
type Known<T> = Option<Result<Arc<T>, Fault>>;

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    pub fn new(clock: &Clock) -> Self {
        let last = Last {
            said: None,
            until: clock.now(),
            asked: None,
            failed: false,
        };
        Self(Arc::new(Place {
            clock: clock.clone(),
            last: Mutex::new(last),
            turn: tokio::sync::Mutex::new(()),
        }))
    }

    /// Returns the document from the cache if it is fresh, else fetches it with `ask`. Concurrent callers share one
    /// request.
    pub async fn get<F>(&self, ask: F, end: Instant) -> Result<Arc<T>, Fault>
    where
        F: Future<Output = Result<(T, Duration), Fault>> + Send + 'static,
    {
        self.through(Last::good, ask, end).await
    }

    /// Returns a document that is less than a minute old, else fetches it. For callers that miss a key in the cached
    /// one.
    pub async fn again<F>(&self, ask: F, end: Instant) -> Result<Arc<T>, Fault>
    where
        F: Future<Output = Result<(T, Duration), Fault>> + Send + 'static,
    {
        self.through(Last::recent, ask, end).await
    }

    async fn through<F>(
        &self,
        known: fn(&Last<T>, Timestamp) -> Known<T>,
        ask: F,
        end: Instant,
    ) -> Result<Arc<T>, Fault>
    where
        F: Future<Output = Result<(T, Duration), Fault>> + Send + 'static,
    {
        if let Some(known) = self.0.look(known) {
            return known;
        }
        let place = self.0.clone();
        // In a separate task: other callers wait for the result even if this one is cancelled.
        let asking = async move {
            let turn = timeout_at(end, place.turn.lock()).await;
            let _turn = turn.map_err(|_| Fault::Unavailable)?;
            if let Some(known) = place.look(known) {
                return known;
            }
            let said = ask.await;
            place.keep(said)
        };
        let asking = tokio::spawn(asking.in_current_span());
        let answer = timeout_at(end, asking).await;
        answer.map_or(Err(Fault::Unavailable), |answer| {
            answer.unwrap_or(Err(Fault::Unavailable))
        })
    }
}

impl<T> Place<T> {
    fn last(&self) -> MutexGuard<'_, Last<T>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, known: fn(&Last<T>, Timestamp) -> Known<T>) -> Known<T> {
        known(&self.last(), self.clock.now())
    }

    fn keep(&self, said: Result<(T, Duration), Fault>) -> Result<Arc<T>, Fault> {
        let now = self.clock.now();
        let mut last = self.last();
        last.asked = Some(now);
        last.failed = said.is_err();
        let (said, age) = said?;
        let said = Arc::new(said);
        last.said = Some(said.clone());
        last.until = now.after(age);
        Ok(said)
    }
}

impl<T> Last<T> {
    fn good(&self, now: Timestamp) -> Known<T> {
        if now < self.until
            && let Some(said) = &self.said
        {
            return Some(Ok(said.clone()));
        }
        let paused = self.failed && self.was_asked_within(PAUSE, now);
        paused.then_some(Err(Fault::Unavailable))
    }

    fn recent(&self, now: Timestamp) -> Known<T> {
        if !self.was_asked_within(MINUTE, now) {
            return None;
        }
        match &self.said {
            Some(said) if !self.failed => Some(Ok(said.clone())),
            _ => Some(Err(Fault::Unavailable)),
        }
    }

    fn was_asked_within(&self, time: Duration, now: Timestamp) -> bool {
        // A clock that was set back must not prevent requests.
        self.asked
            .is_some_and(|asked| asked <= now && now < asked.after(time))
    }
}
