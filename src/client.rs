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
    /// Whether the request has such a header.
    pub preflighted: bool,
}
