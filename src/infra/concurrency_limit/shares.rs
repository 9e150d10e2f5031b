//! The permits held by each client, and the queue of waiters.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

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
    waiting: usize,
    /// Networks that hold permits or wait.
    networks: HashMap<Option<Network>, NetworkShare<P>>,
    /// The networks with waiters, in the order in which they are served.
    order: BTreeMap<NetworkRank, Option<Network>>,
    next_id: u64,
}

#[derive(Debug)]
struct NetworkShare<P> {
    held: usize,
    waiting: usize,
    clients: HashMap<Client, ClientShare<P>>,
    /// The clients with waiters, in the order in which they are served.
    order: BTreeMap<ClientRank, Client>,
}

#[derive(Debug)]
struct ClientShare<P> {
    held: usize,
    /// In the order of arrival.
    queue: VecDeque<Waiter<P>>,
    /// Since when this client's waiters have been waiting too long. `None` while they have not.
    late_since: Option<Instant>,
}

/// The permits that the client holds, and its first waiter's id.
type ClientRank = (usize, u64);
/// The permits that the network holds, and the rank of its next client.
type NetworkRank = (usize, ClientRank);

#[derive(Debug)]
struct Waiter<P> {
    id: u64,
    amount: usize,
    since: Instant,
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
            waiting: 0,
            networks: HashMap::new(),
            order: BTreeMap::new(),
            next_id: 0,
        }
    }

    pub fn held(&self) -> usize {
        self.settings.max - self.available
    }

    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Takes permits, unless too few are available or a waiter comes first.
    pub fn take(&mut self, client: Client, amount: usize) -> Result<(), LimitExceeded> {
        let network = self.networks.get(&network(client));
        if !self.is_allowed(client, network, amount) {
            return Err(LimitExceeded::Client);
        }
        if self.available < amount || self.next_client().is_some() {
            return Err(LimitExceeded::Total);
        }
        self.update(client, |share| share.held += amount);
        Ok(())
    }

    /// Returns permits.
    pub fn release(&mut self, client: Client, amount: usize) {
        self.update(client, |share| share.held -= amount);
    }

    /// Adds a waiter. Returns `None` if the queue is full and no other client has more waiters.
    pub fn enqueue(&mut self, client: Client, amount: usize) -> Option<Ticket<P>> {
        if self.waiting >= self.settings.max_waiting {
            let longest = self.longest_queue(client)?;
            // Closes the channel of its newest waiter, whose receiver gets an error.
            self.update(longest, |share| drop(share.queue.pop_back()));
        }
        let (sender, receiver) = oneshot::channel();
        let id = self.next_id;
        self.next_id += 1;
        let waiter = Waiter {
            id,
            amount,
            since: Instant::now(),
            sender,
        };
        self.update(client, |share| share.queue.push_back(waiter));
        Some(Ticket { id, receiver })
    }

    /// Removes a waiter. Returns whether it was still waiting.
    pub fn remove(&mut self, client: Client, id: u64) -> bool {
        self.update(client, |share| {
            let index = share.queue.binary_search_by_key(&id, |waiter| waiter.id);
            index.is_ok_and(|index| share.queue.remove(index).is_some())
        })
    }

    /// Takes permits for the next waiter, if enough are available.
    pub fn serve_next(&mut self) -> Option<(Client, usize, Sender<P>)> {
        let (client, amount) = self.next_client()?;
        if amount > self.available {
            return None;
        }
        let target = self.settings.timeout.target();
        let waiter = self.update(client, |share| {
            let waiter = share.queue.pop_front()?;
            share.held += waiter.amount;
            if target.is_some_and(|target| waiter.since.elapsed() < target / 2) {
                share.late_since = None;
            }
            Some(waiter)
        })?;
        Some((client, waiter.amount, waiter.sender))
    }

    /// Until when a waiter may wait that has now waited for the target. `None`: no longer, because this client's
    /// waiters have been late for at least the target.
    pub fn extended_deadline(&mut self, client: Client, target: Duration) -> Option<Instant> {
        let now = Instant::now();
        let late_since = self.update(client, |share| *share.late_since.get_or_insert(now));
        Some(late_since + target).filter(|deadline| now < *deadline)
    }

    /// The next client that is served and the amount that it waits for. Skips networks that may not hold more.
    fn next_client(&self) -> Option<(Client, usize)> {
        let networks = self.order.values();
        let mut networks = networks.filter_map(|name| self.networks.get(name));
        networks.find_map(|network| {
            let mut clients = network.order.values();
            clients.find_map(|client| {
                let amount = network.clients.get(client)?.queue.front()?.amount;
                let is_allowed = self.is_allowed(*client, Some(network), amount);
                is_allowed.then_some((*client, amount))
            })
        })
    }

    fn is_allowed(&self, client: Client, network: Option<&NetworkShare<P>>, amount: usize) -> bool {
        let held = network.map_or(0, |network| network.held);
        client.is_none() || held + amount <= self.settings.max_per_client
    }

    /// The client with the longest queue, if that is longer than this client's.
    fn longest_queue(&self, newcomer: Client) -> Option<Client> {
        let queued = |client: Client| {
            let network = self.networks.get(&network(client));
            let share = network.and_then(|network| network.clients.get(&client));
            (
                network.map_or(0, |network| network.waiting),
                share.map_or(0, |share| share.queue.len()),
            )
        };
        let clients = self.networks.values().flat_map(|network| {
            let in_network = network.waiting;
            let clients = network.clients.iter();
            clients.filter_map(move |(client, share)| {
                let newest = share.queue.back()?.id;
                Some(((in_network, share.queue.len()), newest, *client))
            })
        });
        let (longest, _, client) = clients.max_by_key(|(queued, newest, _)| (*queued, *newest))?;
        let (in_network, own) = queued(newcomer);
        let is_neighbor = network(client) == network(newcomer);
        let in_network = in_network + usize::from(!is_neighbor);
        (longest > (in_network, own + 1)).then_some(client)
    }

    /// Changes the share of a client, and with it the sums and the order of service.
    fn update<R>(&mut self, client: Client, change: impl FnOnce(&mut ClientShare<P>) -> R) -> R {
        let name = network(client);
        let network = self.networks.entry(name).or_default();
        if let Some(rank) = network.rank() {
            self.order.remove(&rank);
        }
        let share = network.clients.entry(client).or_default();
        if let Some(rank) = share.rank() {
            network.order.remove(&rank);
        }
        let (held, waiting) = (share.held, share.queue.len());
        let result = change(share);
        self.available = self.available + held - share.held;
        self.waiting = self.waiting + share.queue.len() - waiting;
        network.held = network.held + share.held - held;
        network.waiting = network.waiting + share.queue.len() - waiting;
        if let Some(rank) = share.rank() {
            network.order.insert(rank, client);
        } else if share.held == 0 {
            network.clients.remove(&client);
        } else {
            share.late_since = None;
        }
        if let Some(rank) = network.rank() {
            self.order.insert(rank, name);
        } else if network.held == 0 {
            self.networks.remove(&name);
        }
        result
    }
}

impl<P> NetworkShare<P> {
    fn rank(&self) -> Option<NetworkRank> {
        let (client, _) = self.order.first_key_value()?;
        Some((self.held, *client))
    }
}

impl<P> ClientShare<P> {
    fn rank(&self) -> Option<ClientRank> {
        Some((self.held, self.queue.front()?.id))
    }
}

impl<P> Default for NetworkShare<P> {
    fn default() -> Self {
        Self {
            held: 0,
            waiting: 0,
            clients: HashMap::new(),
            order: BTreeMap::new(),
        }
    }
}

impl<P> Default for ClientShare<P> {
    fn default() -> Self {
        Self {
            held: 0,
            queue: VecDeque::new(),
            late_since: None,
        }
    }
}

fn network(client: Client) -> Option<Network> {
    client.map(|client| client.network)
}
