//! The status of a server: the number of its connections, the refusals, and whether it is stopping.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// The status of a server. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ServerStatus(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stopping: AtomicBool,
    connections: AtomicUsize,
    refused: [AtomicU64; Refusal::ALL.len()],
}

/// Why a connection or a request was refused before it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There were `MAX_CONNECTIONS` connections.
    MaxConnections,
    /// The client had `MAX_CONNECTIONS_PER_CLIENT` connections.
    MaxConnectionsPerClient,
    /// The requests that are being received took all the memory for that.
    RequestMemory,
    /// The host was missing, invalid, or given twice.
    InvalidHost,
}

impl Refusal {
    /// All reasons, in their order.
    pub const ALL: [Self; 4] = [
        Self::MaxConnections,
        Self::MaxConnectionsPerClient,
        Self::RequestMemory,
        Self::InvalidHost,
    ];

    /// The name of the reason in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MaxConnections => "max_connections",
            Self::MaxConnectionsPerClient => "max_connections_per_client",
            Self::RequestMemory => "request_memory",
            Self::InvalidHost => "invalid_host",
        }
    }
}

/// A connection, counted until this is dropped.
#[derive(Debug)]
pub struct OpenConnection(ServerStatus);

impl ServerStatus {
    /// Marks the server as stopping.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
    }

    /// Returns whether the server is stopping.
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Acquire)
    }

    /// Counts a connection.
    pub fn open_connection(&self) -> OpenConnection {
        self.0.connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self.clone())
    }

    /// Counts a refusal.
    pub fn refuse(&self, reason: Refusal) {
        self.0.refused[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The number of refusals for this reason.
    pub fn refused(&self, reason: Refusal) -> u64 {
        self.0.refused[reason as usize].load(Ordering::Relaxed)
    }

    /// The number of open connections.
    pub fn connections(&self) -> usize {
        self.0.connections.load(Ordering::Relaxed)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
