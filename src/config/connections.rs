//! Settings of connections.

use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;

use super::values::{network, within, within_a_day};

/// Limits and timeouts of connections.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connections")]
pub struct Connections {
    /// Maximum number of concurrent connections. Connections above it are only served health probes.
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 4_096, value_parser = within(1..=1_000_000))]
    pub max_connections: u32,

    /// Maximum number of concurrent connections of one client: an IPv4 address or an IPv6 /64 network. Connections of
    /// `TRUSTED_PROXIES` are not counted. Default: a quarter of `MAX_CONNECTIONS`.
    #[arg(long, env = "MAX_CONNECTIONS_PER_CLIENT", value_parser = within(1..=1_000_000))]
    pub max_connections_per_client: Option<u32>,

    /// Timeout for receiving the head of a request, from the connection or from its first byte.
    #[arg(long, env = "HEADER_TIMEOUT", default_value = "10s", value_parser = within_a_day)]
    pub header_timeout: Duration,

    /// Timeout for receiving the body of a request without files.
    #[arg(long, env = "BODY_TIMEOUT", default_value = "30s", value_parser = within_a_day)]
    pub body_timeout: Duration,

    /// Timeout of an idle connection.
    #[arg(long, env = "IDLE_TIMEOUT", default_value = "75s", value_parser = within_a_day)]
    pub idle_timeout: Duration,

    /// Timeout of a client that does not read its response.
    #[arg(long, env = "WRITE_TIMEOUT", default_value = "30s", value_parser = within_a_day)]
    pub write_timeout: Duration,

    /// Proxies whose `X-Forwarded-For` header is trusted: addresses or networks, separated by commas.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
}

impl Connections {
    /// Returns the maximum number of connections of one client.
    pub fn max_connections_per_client(&self) -> u32 {
        /// At least four clients are needed to use all connections.
        const MIN_CLIENTS: u32 = 4;
        let default = self.max_connections.div_ceil(MIN_CLIENTS);
        self.max_connections_per_client.unwrap_or(default)
    }

    /// Returns whether an address belongs to a trusted proxy.
    pub fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let mut networks = self.trusted_proxies.iter();
        networks.any(|network| network.contains(&address))
    }
}
