//! Running executions: concurrent equal requests wait for the result of the first one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch::{self, Receiver, Sender};
use tokio::time::timeout;

/// A request, and the version of the catalog at its lookup.
type FlightKey<K> = (K, u64);

/// The running executions.
#[derive(Debug)]
pub(super) struct Flights<K, V>(Mutex<HashMap<FlightKey<K>, Receiver<Option<V>>>>);

/// The execution of a request for which equal ones may wait. Ends when dropped; they then execute for themselves.
#[derive(Debug)]
pub(super) struct Flight<K: Eq + Hash, V> {
    flights: Arc<Flights<K, V>>,
    key: FlightKey<K>,
    sender: Sender<Option<V>>,
}

/// An execution to wait for.
#[derive(Debug)]
pub(super) struct EqualFlight<V>(Receiver<Option<V>>);

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V> Flights<K, V> {
    /// Starts an execution, or returns the equal one that is running.
    pub fn start(
        self: &Arc<Self>,
        request: K,
        version: u64,
    ) -> Result<Flight<K, V>, EqualFlight<V>> {
        let key = (request, version);
        match self.lock().entry(key.clone()) {
            Entry::Occupied(flight) => Err(EqualFlight(flight.get().clone())),
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
}

impl<K, V> Flights<K, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<FlightKey<K>, Receiver<Option<V>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V: Clone> Flight<K, V> {
    /// The request.
    pub const fn key(&self) -> &K {
        &self.key.0
    }

    /// Gives the result to the requests that wait.
    pub fn publish(&self, result: &V) {
        self.sender.send_replace(Some(result.clone()));
    }
}

impl<K: Eq + Hash, V> Drop for Flight<K, V> {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

impl<V: Clone> EqualFlight<V> {
    /// Waits for the result, at most for `longest`. `None` if it may not be shared, or takes too long.
    pub async fn published(mut self, longest: Duration) -> Option<V> {
        let published = timeout(longest, self.0.wait_for(Option::is_some)).await;
        published.ok()?.ok()?.clone()
    }
}
