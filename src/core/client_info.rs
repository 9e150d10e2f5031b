//! What is known of a client besides who it is.

use std::fmt::{self, Display};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use crate::core::secret::Secret;

/// The client of a request.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where it calls from, as the first proxy that is trusted saw it.
    pub address: IpAddr,
    /// What it says it is.
    pub user_agent: Option<String>,
    /// The refresh token in its cookie. Absent unless the request has one of the headers that make a browser ask before
    /// it sends a request to another site.
    pub refresh_cookie: Option<Secret>,
    /// Whether the request has refresh cookies with different values, of which none is accepted.
    pub cookie_conflict: bool,
    /// The device token in its cookie.
    pub device_cookie: Option<Secret>,
    /// Whether there is a cookie that does not count, for want of such a header.
    pub unguarded_cookie: bool,
    /// Whether the request has such a header.
    pub preflighted: bool,
}

/// The network that counts as one client: an IPv4 address, or an IPv6 network of 64 bits, because whoever has one address
/// of it has all. IPv4-mapped IPv6 addresses count as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    V4(Ipv4Addr),
    /// The first 64 bits.
    V6(u64),
}

/// What tells clients apart where capacity is shared: the network, and within it the user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey {
    pub network: Network,
    /// A hash of the user agent; 0 where it is not considered.
    user_agent: u64,
}

impl Client {
    /// The network that counts as one client.
    pub fn network(&self) -> String {
        Network::of(self.address).to_string()
    }

    /// The key under which capacity is shared.
    pub fn key(&self) -> ClientKey {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        ClientKey {
            network: Network::of(self.address),
            user_agent: HASHER.hash_one(&self.user_agent),
        }
    }
}

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                let prefix = [a, b, c, d].map(u64::from);
                Self::V6(prefix[0] << 48 | prefix[1] << 32 | prefix[2] << 16 | prefix[3])
            }
        }
    }
}

impl Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => Display::fmt(address, formatter),
            Self::V6(prefix) => write!(formatter, "{prefix:x}/64"),
        }
    }
}

impl From<Network> for ClientKey {
    fn from(network: Network) -> Self {
        Self {
            network,
            user_agent: 0,
        }
    }
}
