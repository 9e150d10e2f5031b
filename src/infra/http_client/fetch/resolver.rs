//! From the name of a host to the addresses that may be connected to.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// Resolves names for a connector, which connects to what it is given here: there is no second look that could give
/// another address.
#[derive(Clone, Debug)]
pub struct Resolver {
    /// Which addresses may be connected to.
    pub may_reach: fn(IpAddr) -> bool,
}

/// Why there is no address to connect to.
#[derive(Debug)]
pub enum Unresolved {
    /// There is none that may be.
    Private,
    /// There is none, or nobody knows.
    Unknown,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Private => "the host is of a private network",
            Self::Unknown => "the host is not known",
        })
    }
}

impl Error for Unresolved {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let may_reach = self.may_reach;
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await;
            let mut found = found.map_err(|_| Unresolved::Unknown)?.peekable();
            if found.peek().is_none() {
                return Err(Unresolved::Unknown.into());
            }
            let allowed: Vec<_> = found.filter(|found| may_reach(found.ip())).collect();
            if allowed.is_empty() {
                return Err(Unresolved::Private.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
