//! The settings of connections.

use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;

use super::values::{network, within, within_a_day};

/// How many connections there may be, and how long each may do nothing.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Connections {
    /// How many connections the server holds at once. On more than that only health probes are answered.
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 4_096, value_parser = within(1..=1_000_000))]
    pub max_connections: u32,

    /// The maximum number of connections of one client: an IPv4 address or an IPv6 network of 64 bits. Connections of
    /// `TRUSTED_PROXIES` are not counted. Default: a quarter of `MAX_CONNECTIONS`.
    #[arg(long, env = "MAX_CONNECTIONS_PER_CLIENT", value_parser = within(1..=1_000_000))]
    pub max_connections_per_client: Option<u32>,

    /// How long the head of a request may take to come, counted from the connection or from its first byte.
    #[arg(long, env = "HEADER_TIMEOUT", default_value = "10s", value_parser = within_a_day)]
    pub header_timeout: Duration,

    /// How long the body of a request without files may take to come.
    #[arg(long, env = "BODY_TIMEOUT", default_value = "30s", value_parser = within_a_day)]
    pub body_timeout: Duration,

    /// How long a connection may wait for its next request.
    #[arg(long, env = "IDLE_TIMEOUT", default_value = "75s", value_parser = within_a_day)]
    pub idle_timeout: Duration,

    /// How long a client may take nothing of an answer.
    #[arg(long, env = "WRITE_TIMEOUT", default_value = "30s", value_parser = within_a_day)]
    pub write_timeout: Duration,

    /// Proxies whose `X-Forwarded-For` is believed: addresses or networks, separated by commas.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
}

impl Connections {
    /// The maximum number of connections of one client.
    pub fn max_connections_per_client(&self) -> u32 {
        /// So that it takes four clients to use all connections.
        const SHARE: u32 = 4;
        let default = self.max_connections.div_ceil(SHARE);
        self.max_connections_per_client.unwrap_or(default)
    }

    /// Returns whether an address is that of a trusted proxy.
    pub fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let mut networks = self.trusted_proxies.iter();
        networks.any(|network| network.contains(&address))
    }
}
