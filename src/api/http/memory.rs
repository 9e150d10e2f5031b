//! The memory for requests that are being received: heads and bodies buffered before execution.
//!
//! Each connection has a small allowance, so that ordinary requests never wait. Larger requests reserve their size
//! from a pool of the process before they are read. Until then nothing is read from their connections, which slows
//! the clients down. One client gets at most a quarter of the pool.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::{Version, request};

use super::reply::Refusal;
use crate::core::client_info::{ClientKey, Network};
use crate::core::error::Error;
use crate::infra::concurrency_limit::{ConcurrencyLimit, Permit, Settings, Timeout};
use crate::infra::server_status::{self, ServerStatus};

/// The size of the pool, in bytes.
const POOL: usize = 32 << 20;
/// The part of the pool that one client may use, in bytes.
const MAX_PER_CLIENT: usize = POOL / 4;
/// The bytes that a connection may buffer outside of the pool.
pub const ALLOWANCE: usize = 16 << 10;
/// The timeout for reserving memory.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum number of requests waiting for memory.
const MAX_WAITING: usize = 1_024;
/// The overhead of a header in bytes, as counted by HTTP/2 (RFC 9113, section 6.5.2).
const HEADER_OVERHEAD: usize = 32;

/// The pool of a process. Clones share it.
#[derive(Clone, Debug)]
pub struct MemoryPool {
    bytes: ConcurrencyLimit,
    status: ServerStatus,
}

/// The memory for the requests of one connection. Clones share it.
#[derive(Clone, Debug)]
pub struct ConnectionMemory {
    pool: MemoryPool,
    /// The rest of the allowance, in bytes.
    allowance: Arc<AtomicUsize>,
    peer: Network,
}

/// The memory for one request.
#[derive(Debug)]
pub struct RequestMemory {
    /// `None` for a request that did not come over a connection.
    connection: Option<ConnectionMemory>,
    client: Network,
    /// The size of the head in bytes, if it is not accounted for elsewhere.
    head: usize,
}

/// Memory that is reserved until this is dropped.
#[derive(Debug)]
#[must_use]
pub enum Reservation {
    Pool { _permit: Permit },
    Allowance(Arc<AtomicUsize>, usize),
    None,
}

impl MemoryPool {
    /// Creates a pool that counts refusals in `status`.
    pub fn new(status: ServerStatus) -> Self {
        Self {
            bytes: ConcurrencyLimit::new(Settings {
                max: POOL,
                max_per_client: MAX_PER_CLIENT,
                max_waiting: MAX_WAITING,
                timeout: Timeout::Fixed(TIMEOUT),
            }),
            status,
        }
    }

    /// Returns the memory of a connection from this address.
    pub fn connection(&self, peer: IpAddr) -> ConnectionMemory {
        ConnectionMemory {
            pool: self.clone(),
            allowance: Arc::new(AtomicUsize::new(ALLOWANCE)),
            peer: Network::of(peer),
        }
    }

    async fn reserve(&self, client: Network, amount: usize) -> Option<Reservation> {
        let client = ClientKey::from(client);
        let permit = self.bytes.acquire_many(client, amount).await;
        if permit.is_err() {
            self.status
                .refuse(server_status::RefusalReason::RequestMemory);
        }
        Some(Reservation::Pool {
            _permit: permit.ok()?,
        })
    }
}

impl ConnectionMemory {
    /// Waits for memory from the pool for the head of a request. Returns `None` if there is none in time.
    pub async fn reserve_head(self, amount: usize) -> Option<Reservation> {
        self.pool.reserve(self.peer, amount).await
    }

    fn take_allowance(&self, amount: usize) -> Option<Reservation> {
        let subtract = |left: usize| left.checked_sub(amount);
        let taken = self
            .allowance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract);
        taken.ok()?;
        Some(Reservation::Allowance(self.allowance.clone(), amount))
    }
}

impl RequestMemory {
    /// Returns the memory of a client's request.
    pub fn of(request: &request::Parts, client: Network) -> Self {
        let headers = request.headers.iter();
        // In HTTP/1.1 the connection accounts for the head.
        let head = if request.version == Version::HTTP_2 {
            headers
                .map(|(name, value)| name.as_str().len() + value.len() + HEADER_OVERHEAD)
                .sum()
        } else {
            0
        };
        Self {
            connection: request.extensions.get().cloned(),
            client,
            head,
        }
    }

    /// Waits for memory for the head and `body` bytes of the body, from the allowance if it suffices.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` if there is none in time.
    pub async fn reserve(&self, body: usize) -> Result<Reservation, Refusal> {
        self.reserve_bytes(self.head + body).await
    }

    /// Waits for memory for more of the body.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` if there is none in time.
    pub async fn reserve_more(&self, body: usize) -> Result<Reservation, Refusal> {
        self.reserve_bytes(body).await
    }

    async fn reserve_bytes(&self, amount: usize) -> Result<Reservation, Refusal> {
        let Some(connection) = &self.connection else {
            return Ok(Reservation::None);
        };
        if let Some(reservation) = connection.take_allowance(amount) {
            return Ok(reservation);
        }
        let reserved = connection.pool.reserve(self.client, amount).await;
        reserved.ok_or_else(|| Error::Unavailable.into())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Self::Allowance(allowance, amount) = self {
            allowance.fetch_add(*amount, Ordering::Relaxed);
        }
    }
}
