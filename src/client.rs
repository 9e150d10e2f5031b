//! What is known of a client besides who it is.

use std::net::IpAddr;

use crate::config::Secret;

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

impl Client {
    /// The network that counts as one client. The addresses of an IPv6 network of 64 bits are one: whoever has one of
    /// them has all.
    pub fn network(&self) -> String {
        match self.address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{:x}/64", address.to_bits() >> 64),
        }
    }
}
