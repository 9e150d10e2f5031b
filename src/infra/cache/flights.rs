//! Executions under way: equal requests wait for the response of the first one instead of executing it again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch::{self, Receiver, Sender};
use tokio::time::timeout;

use super::{CacheKey, CachedResponse};

/// How long a request waits for the execution of an equal one. That one may be delayed by its client's other requests.
const TIMEOUT: Duration = Duration::from_millis(250);

/// A request, and the version of the catalog at its lookup.
type FlightKey = (CacheKey, u64);
type Published = Option<Arc<CachedResponse>>;

/// The executions under way.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<FlightKey, Receiver<Published>>>);

/// The execution of a request for which equal ones may wait. Ends when dropped; they then execute for themselves.
#[derive(Debug)]
pub(super) struct Flight {
    flights: Arc<Flights>,
    key: FlightKey,
    sender: Sender<Published>,
}

/// An execution to wait for.
#[derive(Debug)]
pub struct EqualRequest(Receiver<Published>);

impl Flights {
    /// Starts an execution, or returns the equal one that is under way.
    pub fn start(self: &Arc<Self>, key: &CacheKey, version: u64) -> Result<Flight, EqualRequest> {
        let key = (key.compact(), version);
        match self.lock().entry(key.clone()) {
            Entry::Occupied(flight) => Err(EqualRequest(flight.get().clone())),
            Entry::Vacant(place) => {
                let (sender, receiver) = watch::channel(None);
                place.insert(receiver);
                let flights = self.clone();
                Ok(Flight {
                    flights,
                    key,
                    sender,
                })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FlightKey, Receiver<Published>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// Gives the response to the requests that wait.
    pub fn publish(&self, response: &Arc<CachedResponse>) {
        self.sender.send_replace(Some(response.clone()));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

impl EqualRequest {
    /// Waits for the response. `None` if it may not be shared, or takes too long.
    pub async fn response(mut self) -> Published {
        let published = timeout(TIMEOUT, self.0.wait_for(Option::is_some)).await;
        published.ok()?.ok()?.clone()
    }
}
