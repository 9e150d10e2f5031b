//! Resolves host names to allowed addresses.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::vec;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::dns::Name;
use tokio::net::lookup_host;
use tower_service::Service;

/// Resolves names for a connector. It connects to these addresses without resolving again, so that the answer can't
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
            Self::Private => "the host is of a private network",
            Self::Unknown => "the host is not known",
        })
    }
}

impl Error for Unresolved {}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = BoxFuture<'static, Result<Self::Response, Unresolved>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let may_reach = self.may_reach;
        let resolve = async move {
            let found = lookup_host((name.as_str(), 0)).await;
            let mut found = found.map_err(|_| Unresolved::Unknown)?.peekable();
            if found.peek().is_none() {
                return Err(Unresolved::Unknown);
            }
            let allowed: Vec<_> = found.filter(|found| may_reach(found.ip())).collect();
            if allowed.is_empty() {
                return Err(Unresolved::Private);
            }
            Ok(allowed.into_iter())
        };
        resolve.boxed()
    }
}
