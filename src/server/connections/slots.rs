//! Slots of connections: a limit in total and per client, plus a few for health probes.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

use crate::config::Connections;
use crate::core::client_info::Network;
use crate::infra::server_status::Refusal;
use crate::infra::telemetry::log::Told;

/// The number of connections above the limits that may serve health probes. The newest replaces the oldest.
const PROBES: usize = 64;

/// The slots of connections.
#[derive(Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    max: u32,
    max_per_client: usize,
    clients: Clients,
    probes: VecDeque<AbortHandle>,
    /// Limits the log messages about refused connections.
    full: Told,
    client_full: Told,
}

/// The number of connections of each client, never 0.
type Clients = Arc<Mutex<HashMap<Network, usize>>>;

/// The slot of a connection. Freed on drop.
#[derive(Debug)]
pub struct Slot {
    _permit: OwnedSemaphorePermit,
    _client: Option<ClientSlot>,
}

#[derive(Debug)]
struct ClientSlot {
    clients: Clients,
    network: Network,
}

impl Slots {
    pub fn new(settings: &Connections) -> Self {
        let max = settings.max_connections;
        Self {
            free: Arc::new(Semaphore::new(max as usize)),
            max,
            max_per_client: settings.max_connections_per_client() as usize,
            clients: Clients::default(),
            probes: VecDeque::new(),
            full: Told::default(),
            client_full: Told::default(),
        }
    }

    /// Takes a slot for a connection from this address. The connections of a proxy belong to many clients, so only
    /// the total limit applies to them.
    ///
    /// # Errors
    /// The limit that was reached.
    pub fn take(&mut self, peer: IpAddr, is_proxy: bool) -> Result<Slot, Refusal> {
        let network = Network::of(peer);
        let client = (!is_proxy).then(|| self.take_client(network));
        if matches!(client, Some(None)) {
            if self.client_full.is_due() {
                tracing::warn!(
                    client = %network,
                    "client refused: MAX_CONNECTIONS_PER_CLIENT reached. If it is a proxy, add it to TRUSTED_PROXIES"
                );
            }
            return Err(Refusal::MaxConnectionsPerClient);
        }
        if let Ok(permit) = self.free.clone().try_acquire_owned() {
            return Ok(Slot {
                _permit: permit,
                _client: client.flatten(),
            });
        }
        if self.full.is_due() {
            tracing::warn!("connections refused: MAX_CONNECTIONS reached");
        }
        Err(Refusal::MaxConnections)
    }

    /// Registers a connection without a slot, and aborts the oldest one if there are too many.
    pub fn add_probe(&mut self, connection: AbortHandle) {
        self.probes.retain(|probe| !probe.is_finished());
        if self.probes.len() >= PROBES
            && let Some(oldest) = self.probes.pop_front()
        {
            oldest.abort();
        }
        self.probes.push_back(connection);
    }

    /// Waits until all slots are free.
    pub async fn wait_until_free(&self) {
        _ = self.free.acquire_many(self.max).await;
    }

    fn take_client(&self, network: Network) -> Option<ClientSlot> {
        let mut clients = lock(&self.clients);
        let count = clients.entry(network).or_default();
        if *count >= self.max_per_client {
            return None;
        }
        *count += 1;
        drop(clients);
        Some(ClientSlot {
            clients: self.clients.clone(),
            network,
        })
    }
}

impl Drop for ClientSlot {
    fn drop(&mut self) {
        let mut clients = lock(&self.clients);
        if let Some(count) = clients.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                clients.remove(&self.network);
            }
        }
    }
}

fn lock(clients: &Clients) -> MutexGuard<'_, HashMap<Network, usize>> {
    clients.lock().unwrap_or_else(PoisonError::into_inner)
}
