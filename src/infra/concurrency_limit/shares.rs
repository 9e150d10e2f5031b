//! The permits held by each client, and the queue of waiters.

use std::collections::HashMap;
use std::hash::Hash;

use tokio::sync::oneshot::{self, Receiver, Sender};

use super::{LimitExceeded, Settings};
use crate::core::client_info::{ClientKey, Network};

/// A client, or none in particular.
type Client = Option<ClientKey>;

/// The permits of a limit: those that are available, those of each client, and the queue. `P` is sent to waiters.
#[derive(Debug)]
pub(super) struct Shares<P> {
    settings: Settings,
    available: usize,
    /// Permits held. Entries are never 0.
    by_network: HashMap<Option<Network>, usize>,
    by_client: HashMap<Client, usize>,
    /// In the order of arrival.
    waiting: Vec<Waiter<P>>,
    next_id: u64,
}

#[derive(Debug)]
struct Waiter<P> {
    id: u64,
    client: Client,
    amount: usize,
    sender: Sender<P>,
}

/// A position in the queue.
pub(super) struct Ticket<P> {
    pub id: u64,
    pub receiver: Receiver<P>,
}

impl<P> Shares<P> {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            available: settings.max,
            by_network: HashMap::new(),
            by_client: HashMap::new(),
            waiting: Vec::new(),
            next_id: 0,
        }
    }

    pub fn held(&self) -> usize {
        self.settings.max - self.available
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub fn has_waiters(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes permits, unless too few are available or a waiter comes first.
    pub fn take(&mut self, client: Client, amount: usize) -> Result<(), LimitExceeded> {
        if !self.is_allowed(client, amount) {
            return Err(LimitExceeded::Client);
        }
        if self.available < amount || self.next_waiter().is_some() {
            return Err(LimitExceeded::Total);
        }
        self.grant(client, amount);
        Ok(())
    }

    /// Returns permits.
    pub fn release(&mut self, client: Client, amount: usize) {
        self.available += amount;
        subtract(&mut self.by_network, network(client), amount);
        subtract(&mut self.by_client, client, amount);
    }

    /// Adds a waiter. Returns `None` if the queue is full and no other client has more waiters.
    pub fn enqueue(&mut self, client: Client, amount: usize) -> Option<Ticket<P>> {
        if self.waiting.len() >= self.settings.max_waiting {
            let index = self.most_queued(client)?;
            // Closes its channel, so that its receiver gets an error.
            drop(self.waiting.remove(index));
        }
        let (sender, receiver) = oneshot::channel();
        let id = self.next_id;
        self.next_id += 1;
        self.waiting.push(Waiter {
            id,
            client,
            amount,
            sender,
        });
        Some(Ticket { id, receiver })
    }

    /// Removes a waiter. Returns whether it was still waiting.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiter| waiter.id != id);
        self.waiting.len() < before
    }

    /// Takes permits for the next waiter, if enough are available.
    pub fn serve_next(&mut self) -> Option<(Client, usize, Sender<P>)> {
        let index = self.next_waiter()?;
        if self.waiting[index].amount > self.available {
            return None;
        }
        let waiter = self.waiting.remove(index);
        self.grant(waiter.client, waiter.amount);
        Some((waiter.client, waiter.amount, waiter.sender))
    }

    /// Returns whether another client holds at least two permits more than this one.
    pub fn is_outweighed(&self, client: Client) -> bool {
        let in_network = held(&self.by_network, network(client)) + 1;
        let own = held(&self.by_client, client) + 1;
        let is_neighbor = |other: Client| network(other) == network(client);
        let mut clients = self.by_client.iter();
        self.by_network.values().any(|held| *held > in_network)
            || clients.any(|(other, held)| is_neighbor(*other) && *held > own)
    }

    fn grant(&mut self, client: Client, amount: usize) {
        self.available -= amount;
        *self.by_network.entry(network(client)).or_default() += amount;
        *self.by_client.entry(client).or_default() += amount;
    }

    fn is_allowed(&self, client: Client, amount: usize) -> bool {
        let held = held(&self.by_network, network(client));
        client.is_none() || held + amount <= self.settings.max_per_client
    }

    /// The index of the waiter that is served next, if its network may hold more.
    fn next_waiter(&self) -> Option<usize> {
        let waiting = self.waiting.iter().enumerate();
        waiting
            .filter(|(_, waiter)| self.is_allowed(waiter.client, waiter.amount))
            .min_by_key(|(_, waiter)| {
                let network = held(&self.by_network, network(waiter.client));
                (network, held(&self.by_client, waiter.client), waiter.id)
            })
            .map(|(index, _)| index)
    }

    /// The newest waiter of the client with the longest queue, if that is longer than this client's.
    fn most_queued(&self, newcomer: Client) -> Option<usize> {
        let mut networks = HashMap::<_, usize>::new();
        let mut clients = HashMap::<_, usize>::new();
        for waiter in &self.waiting {
            *networks.entry(network(waiter.client)).or_default() += 1;
            *clients.entry(waiter.client).or_default() += 1;
        }
        let queued = |client: Client| (held(&networks, network(client)), held(&clients, client));
        let waiting = self.waiting.iter().enumerate();
        let (index, longest) = waiting
            .map(|(index, waiter)| (index, queued(waiter.client)))
            .max_by_key(|(index, queued)| (*queued, *index))?;
        let (in_network, own) = queued(newcomer);
        let is_neighbor = network(self.waiting[index].client) == network(newcomer);
        let in_network = if is_neighbor {
            in_network
        } else {
            in_network + 1
        };
        (longest > (in_network, own + 1)).then_some(index)
    }
}

fn network(client: Client) -> Option<Network> {
    client.map(|client| client.network)
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
