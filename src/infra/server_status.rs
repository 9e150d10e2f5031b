//! Server status: open connections, refused connections and requests, and whether the server is stopping.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The status of a server. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ServerStatus(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stopping: AtomicBool,
    startup_problem: Mutex<Option<&'static str>>,
    connections: AtomicUsize,
    refused: [AtomicU64; RefusalReason::ALL.len()],
}

/// The reason why a connection or a request was refused before it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// `MAX_CONNECTIONS` connections were open.
    MaxConnections,
    /// The client had `MAX_CONNECTIONS_PER_CLIENT` open connections.
    MaxConnectionsPerClient,
    /// The requests being received used all the memory reserved for them.
    RequestMemory,
    /// The host was missing, invalid or repeated.
    InvalidHost,
}

impl RefusalReason {
    /// All reasons, in the order of the counters.
    pub const ALL: [Self; 4] = [
        Self::MaxConnections,
        Self::MaxConnectionsPerClient,
        Self::RequestMemory,
        Self::InvalidHost,
    ];

    /// Returns the label value of the reason in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MaxConnections => "max_connections",
            Self::MaxConnectionsPerClient => "max_connections_per_client",
            Self::RequestMemory => "request_memory",
            Self::InvalidHost => "invalid_host",
        }
    }
}

/// An open connection. Dropping it decrements the count.
#[derive(Debug)]
pub struct OpenConnection(ServerStatus);

impl ServerStatus {
    /// Marks the server as stopping.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
    }

    /// Whether the server is stopping.
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Acquire)
    }

    /// Stores the problem that a starting server waits for, for its health probe.
    pub fn set_startup_problem(&self, problem: &'static str) {
        let stored = self.0.startup_problem.lock();
        *stored.unwrap_or_else(PoisonError::into_inner) = Some(problem);
    }

    /// Returns the problem that a starting server waits for, if any.
    pub fn startup_problem(&self) -> Option<&'static str> {
        let stored = self.0.startup_problem.lock();
        *stored.unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection.
    pub fn open_connection(&self) -> OpenConnection {
        self.0.connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self.clone())
    }

    /// Counts a refusal.
    pub fn refuse(&self, reason: RefusalReason) {
        self.0.refused[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of refusals for this reason.
    pub fn refused(&self, reason: RefusalReason) -> u64 {
        self.0.refused[reason as usize].load(Ordering::Relaxed)
    }

    /// Returns the number of open connections.
    pub fn connections(&self) -> usize {
        self.0.connections.load(Ordering::Relaxed)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
