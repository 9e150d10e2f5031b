//! Slots of connections: a limit in total and per client, plus a few for health probes.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::config::Connections;
use crate::core::client_info::{ClientKey, Network};
use crate::infra::concurrency_limit::{ConcurrencyLimit, LimitExceeded, Permit, Settings, Timeout};
use crate::infra::server_status::RefusalReason;
use crate::infra::telemetry::log::LogThrottle;

/// The number of connections above the limits that may serve health probes. The newest replaces the oldest.
const PROBES: usize = 64;

/// The slots of connections.
#[derive(Debug)]
pub struct Slots {
    limit: ConcurrencyLimit,
    max: usize,
    probes: VecDeque<AbortHandle>,
    /// When each refusal was logged.
    full: LogThrottle,
    client_full: LogThrottle,
}

impl Slots {
    pub fn new(settings: &Connections) -> Self {
        let max = settings.max_connections as usize;
        Self {
            limit: ConcurrencyLimit::new(Settings {
                max,
                max_per_client: settings.max_connections_per_client() as usize,
                // For `wait_until_free`: connections do not wait.
                max_waiting: 1,
                timeout: Timeout::Fixed(Duration::MAX),
            }),
            max,
            probes: VecDeque::new(),
            full: LogThrottle::default(),
            client_full: LogThrottle::default(),
        }
    }

    /// Takes a slot for a connection from this address. A proxy has many clients, so the limit for one client does not
    /// apply to it.
    ///
    /// # Errors
    /// The limit that is reached.
    pub fn take(&mut self, peer: IpAddr, is_proxy: bool) -> Result<Permit, RefusalReason> {
        let network = Network::of(peer);
        let client = (!is_proxy).then(|| ClientKey::from(network));
        self.limit.try_acquire(client).map_err(|limit| match limit {
            LimitExceeded::Client => {
                if self.client_full.is_due() {
                    tracing::warn!(
                        client = %network,
                        "client refused: MAX_CONNECTIONS_PER_CLIENT reached. If it is a proxy, add it to TRUSTED_PROXIES"
                    );
                }
                RefusalReason::MaxConnectionsPerClient
            }
            LimitExceeded::Total => {
                if self.full.is_due() {
                    tracing::warn!("connections refused: MAX_CONNECTIONS reached");
                }
                RefusalReason::MaxConnections
            }
        })
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
        _ = self.limit.acquire_many(None, self.max).await;
    }
}
