//! Resolves host names to allowed addresses.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// Resolves names for a connector. It connects to these addresses without resolving again, so that the result can't
/// change after the check (DNS rebinding).
#[derive(Clone, Debug)]
pub struct Resolver {
    /// Whether an address may be connected to.
    pub may_reach: fn(IpAddr) -> bool,
}

/// The reason why there is no address.
#[derive(Debug)]
pub enum Unresolved {
    /// All addresses are private.
    Private,
    /// There is no address, or the lookup failed.
    Unknown,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Private => "the host is in a private network",
            Self::Unknown => "the host name can't be resolved",
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
