//! A semaphore whose permits are shared fairly among clients: a free permit goes to the waiting client that holds the
//! fewest.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::core::client_info::{ClientKey, Network};

/// A semaphore that is fair to clients. Clones share it.
///
/// Networks are compared first. Among clients of one network the one that holds the fewest permits is served first, then
/// the one that has waited the longest.
#[derive(Clone, Debug)]
pub struct FairSemaphore(Arc<Inner>);

/// Permits of a [`FairSemaphore`]. Dropping it returns them.
#[derive(Debug)]
pub struct Permit {
    semaphore: Arc<Inner>,
    client: ClientKey,
    amount: usize,
}

#[derive(Debug)]
struct Inner {
    capacity: usize,
    max_per_network: usize,
    max_waiting: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    available: usize,
    /// Permits held. Entries are never 0.
    by_network: HashMap<Network, usize>,
    by_client: HashMap<ClientKey, usize>,
    /// In the order of arrival.
    waiting: Vec<Waiter>,
    next_id: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    client: ClientKey,
    amount: usize,
    sender: oneshot::Sender<Permit>,
}

/// Removes a waiter from the queue when its future is dropped.
struct Queued<'a> {
    semaphore: &'a Arc<Inner>,
    id: u64,
}

impl FairSemaphore {
    /// Creates a semaphore with `capacity` permits, of which one network holds at most `max_per_network`, and a queue of
    /// at most `max_waiting`.
    pub fn new(capacity: usize, max_per_network: usize, max_waiting: usize) -> Self {
        Self(Arc::new(Inner {
            capacity,
            max_per_network,
            max_waiting,
            state: Mutex::new(State {
                available: capacity,
                by_network: HashMap::new(),
                by_client: HashMap::new(),
                waiting: Vec::new(),
                next_id: 0,
            }),
        }))
    }

    /// Acquires permits without waiting. Returns `None` if too few are available, or another client waits for them.
    pub fn try_acquire(&self, client: ClientKey, amount: usize) -> Option<Permit> {
        let mut state = self.0.lock();
        let fits = state.available >= amount && self.0.is_allowed(&state, client, amount);
        if !fits || self.0.next_waiter(&state).is_some() {
            return None;
        }
        Some(self.0.take(&mut state, client, amount))
    }

    /// Waits for permits. Returns `None` if the queue is full and no other client has more requests in it.
    pub async fn acquire(&self, client: ClientKey, amount: usize) -> Option<Permit> {
        if let Some(permit) = self.try_acquire(client, amount) {
            return Some(permit);
        }
        let (receiver, _queued) = self.0.enqueue(client, amount)?;
        // An error: the waiter was removed in favor of another client.
        receiver.await.ok()
    }

    /// Returns whether another client holds at least two permits more than this one.
    pub fn is_outweighed(&self, client: ClientKey) -> bool {
        let state = self.0.lock();
        let network = held(&state.by_network, client.network) + 1;
        let own = held(&state.by_client, client) + 1;
        state.by_network.values().any(|held| *held > network)
            || state
                .by_client
                .iter()
                .any(|(other, held)| other.network == client.network && *held > own)
    }

    /// The number of permits that are held.
    pub fn held(&self) -> usize {
        self.0.capacity - self.0.lock().available
    }

    /// Returns whether nobody waits for a permit.
    pub fn has_no_queue(&self) -> bool {
        self.0.lock().waiting.is_empty()
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_allowed(&self, state: &State, client: ClientKey, amount: usize) -> bool {
        held(&state.by_network, client.network) + amount <= self.max_per_network
    }

    /// The index of the waiter that is served next, if its network may hold more.
    fn next_waiter(&self, state: &State) -> Option<usize> {
        let waiting = state.waiting.iter().enumerate();
        waiting
            .filter(|(_, waiter)| self.is_allowed(state, waiter.client, waiter.amount))
            .min_by_key(|(_, waiter)| {
                let network = held(&state.by_network, waiter.client.network);
                (network, held(&state.by_client, waiter.client), waiter.id)
            })
            .map(|(index, _)| index)
    }

    fn take(self: &Arc<Self>, state: &mut State, client: ClientKey, amount: usize) -> Permit {
        state.available -= amount;
        *state.by_network.entry(client.network).or_default() += amount;
        *state.by_client.entry(client).or_default() += amount;
        Permit {
            semaphore: self.clone(),
            client,
            amount,
        }
    }

    fn enqueue(
        self: &Arc<Self>,
        client: ClientKey,
        amount: usize,
    ) -> Option<(oneshot::Receiver<Permit>, Queued<'_>)> {
        let mut state = self.lock();
        if state.waiting.len() >= self.max_waiting {
            let index = state.most_queued(client)?;
            // Its receiver learns of it.
            drop(state.waiting.remove(index));
        }
        let (sender, receiver) = oneshot::channel();
        let id = state.next_id;
        state.next_id += 1;
        state.waiting.push(Waiter {
            id,
            client,
            amount,
            sender,
        });
        drop(state);
        let semaphore = self;
        Some((receiver, Queued { semaphore, id }))
    }

    /// Hands available permits to waiters.
    fn serve_waiters(self: &Arc<Self>) {
        loop {
            let mut state = self.lock();
            let Some(index) = self.next_waiter(&state) else {
                return;
            };
            if state.waiting[index].amount > state.available {
                return;
            }
            let waiter = state.waiting.remove(index);
            let permit = self.take(&mut state, waiter.client, waiter.amount);
            // A permit that is refused returns itself, which takes the lock.
            drop(state);
            _ = waiter.sender.send(permit);
        }
    }
}

impl State {
    /// The newest waiter of the client with the longest queue, if that is longer than this client's.
    fn most_queued(&self, newcomer: ClientKey) -> Option<usize> {
        let mut networks = HashMap::<_, usize>::new();
        let mut clients = HashMap::<_, usize>::new();
        for waiter in &self.waiting {
            *networks.entry(waiter.client.network).or_default() += 1;
            *clients.entry(waiter.client).or_default() += 1;
        }
        let queued = |client: ClientKey| {
            let network = held(&networks, client.network);
            (network, held(&clients, client))
        };
        let waiting = self.waiting.iter().enumerate();
        let (index, longest) = waiting
            .map(|(index, waiter)| (index, queued(waiter.client)))
            .max_by_key(|(index, queued)| (*queued, *index))?;
        let (network, own) = queued(newcomer);
        let is_same_network = self.waiting[index].client.network == newcomer.network;
        let network = if is_same_network {
            network
        } else {
            network + 1
        };
        (longest > (network, own + 1)).then_some(index)
    }
}

fn held<K: Copy + Eq + Hash>(counts: &HashMap<K, usize>, key: K) -> usize {
    counts.get(&key).copied().unwrap_or(0)
}

fn subtract<K: Copy + Eq + Hash>(counts: &mut HashMap<K, usize>, key: K, amount: usize) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= amount;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.semaphore.lock();
        state.available += self.amount;
        subtract(&mut state.by_network, self.client.network, self.amount);
        subtract(&mut state.by_client, self.client, self.amount);
        drop(state);
        self.semaphore.serve_waiters();
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let mut state = self.semaphore.lock();
        let before = state.waiting.len();
        state.waiting.retain(|waiter| waiter.id != self.id);
        let was_waiting = state.waiting.len() < before;
        drop(state);
        if was_waiting {
            // Others may have waited behind it for fewer permits.
            self.semaphore.serve_waiters();
        }
    }
}
