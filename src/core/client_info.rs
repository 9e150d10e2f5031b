//! Properties of a client other than its identity.

use std::fmt::{self, Display};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use crate::core::secret::Secret;

/// The client of a request.
#[derive(Clone, Debug)]
pub struct Client {
    /// The IP address as seen by the first trusted proxy.
    pub address: IpAddr,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The refresh token cookie. `None` unless the request has a header that makes browsers send a CORS preflight.
    pub refresh_cookie: Option<Secret>,
    /// Whether the request has refresh cookies with different values; none of them is accepted.
    pub cookie_conflict: bool,
    /// The device token cookie.
    pub device_cookie: Option<Secret>,
    /// The token of a cart in the header `Cart-Token`.
    pub cart_token: Option<Secret>,
    /// The token of a cart in the cookie. `None` unless such a header is present.
    pub cart_cookie: Option<Secret>,
    /// Whether a cookie was ignored because no such header is present.
    pub ignored_cookie: bool,
    /// Whether such a header is present.
    pub preflighted: bool,
}

/// The network that counts as one client: an IPv4 address or an IPv6 /64, because one subscriber controls a whole
/// /64. IPv4-mapped IPv6 addresses count as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    V4(Ipv4Addr),
    /// The first 64 bits.
    V6(u64),
}

/// Identifies a client where capacity is shared: by network, and within it by user agent and credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey {
    pub network: Network,
    /// A hash of the user agent and the credentials; 0 if they are not considered.
    device: u64,
}

impl Client {
    /// Returns the token of a cart: that of the header takes precedence over that of the cookie.
    pub fn any_cart_token(&self) -> Option<&Secret> {
        self.cart_token.as_ref().or(self.cart_cookie.as_ref())
    }

    /// Returns the network that counts as one client, as text.
    pub fn network(&self) -> String {
        Network::of(self.address).to_string()
    }

    /// Returns the key under which capacity is shared. The credentials need not be valid: they only divide the share of a network,
    /// so that users behind one address, such as a server that renders pages for them, do not delay each other.
    pub fn key(&self, credentials: Option<&[u8]>) -> ClientKey {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        ClientKey {
            network: Network::of(self.address),
            device: HASHER.hash_one((&self.user_agent, credentials)),
        }
    }
}

impl Network {
    /// Returns the network of an address.
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
        Self { network, device: 0 }
    }
}
