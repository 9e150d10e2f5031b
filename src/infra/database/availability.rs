//! Whether the primary responds, as the [watcher](super::watch) of changes observes it.
//!
//! The watcher asks the primary several times a second while the server is in use. If it does not respond, and a new
//! connection fails as well, the primary is unavailable: all statements that wait for it fail, so that their requests
//! release their permits and connections, and wait until it responds.

use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Database, connect};

/// The error of a statement while the primary is unavailable.
pub(super) const UNAVAILABLE: &str = "the primary database server does not respond";

/// The interval at which a query that waits for the database looks for a replica.
const REPLICA_POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The state of the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Available,
    /// It did not respond once. Its connection may just have been lost.
    Suspected,
    Unavailable,
}

/// The observed state of the primary. Available if nothing observes it, as in commands.
#[derive(Debug)]
pub(super) struct Availability {
    status: watch::Sender<Status>,
    responded_at: Mutex<Instant>,
    problem: Mutex<&'static str>,
}

impl Default for Availability {
    fn default() -> Self {
        Self {
            status: watch::Sender::new(Status::Available),
            responded_at: Mutex::new(Instant::now()),
            problem: Mutex::default(),
        }
    }
}

impl Availability {
    /// Records that the primary has responded to a request that was sent at this time.
    pub fn note_response(&self, sent_at: Instant) {
        *lock(&self.responded_at) = sent_at;
        self.status.send_if_modified(|status| {
            let has_returned = *status != Status::Available;
            *status = Status::Available;
            has_returned
        });
    }

    /// Records that the primary has not responded, with a description for health probes.
    pub fn note_failure(&self, problem: &'static str) {
        *lock(&self.problem) = problem;
        self.status.send_modify(|status| {
            *status = match status {
                Status::Available => Status::Suspected,
                Status::Suspected | Status::Unavailable => Status::Unavailable,
            };
        });
    }

    /// Returns the time since the last response if the last request to the primary failed, otherwise `None`.
    pub fn silent_for(&self) -> Option<Duration> {
        let is_silent = *self.status.borrow() != Status::Available;
        is_silent.then(|| lock(&self.responded_at).elapsed())
    }

    /// Returns the description of the last failure.
    pub fn problem(&self) -> &'static str {
        *lock(&self.problem)
    }

    /// Waits until the primary is unavailable.
    pub async fn lost(&self) -> DbErr {
        self.wait_for(|status| status == Status::Unavailable).await;
        DbErr::Custom(UNAVAILABLE.to_owned())
    }

    /// Waits while the primary is unavailable.
    pub async fn returned(&self) {
        self.wait_for(|status| status != Status::Unavailable).await;
    }

    async fn wait_for(&self, holds: impl Fn(Status) -> bool) {
        let mut status = self.status.subscribe();
        // An error is impossible: the sender is not dropped meanwhile.
        _ = status.wait_for(|status| holds(*status)).await;
    }
}

impl Database {
    /// Whether the database depends on a [watcher](Self::watch) even if nothing is cached: on PostgreSQL.
    pub const fn is_observed(&self) -> bool {
        self.reader.primary.is_some()
    }

    /// Records that the primary has responded to a request that was sent at this time. Does nothing on SQLite.
    pub fn note_response(&self, sent_at: Instant) {
        if let Some(primary) = &self.reader.primary {
            primary.availability.note_response(sent_at);
        }
    }

    /// Records that the primary has not responded: connections are tested before use for a while.
    pub fn note_no_response(&self, error: &anyhow::Error) {
        if let Some(primary) = &self.reader.primary {
            primary.availability.note_failure(connect::problem(error));
            primary.suspect();
        }
    }

    /// Returns the time since the last response of the primary, if the last request to it failed.
    pub fn silent_for(&self) -> Option<Duration> {
        self.reader.primary.as_ref()?.availability.silent_for()
    }

    /// Returns a description of the problem of a primary that is [silent](Self::silent_for).
    pub fn primary_problem(&self) -> &'static str {
        let primary = self.reader.primary.as_ref();
        primary.map_or("", |primary| primary.availability.problem())
    }

    /// Waits while the primary is unavailable.
    pub async fn returned(&self) {
        if let Some(primary) = &self.reader.primary {
            primary.availability.returned().await;
        }
    }

    /// Waits while neither the primary nor a replica can execute an [anonymous query](Self::with_replica).
    pub async fn readable(&self) {
        while self.has_replicas() && self.with_replica(0).is_none() {
            let returned = timeout(REPLICA_POLL_INTERVAL, self.returned()).await;
            if returned.is_ok() {
                return;
            }
        }
        if !self.has_replicas() {
            self.returned().await;
        }
    }

    /// Waits until a connection is refused because its server does not accept writes. Never ends on SQLite.
    pub async fn is_read_only(&self) {
        match &self.reader.primary {
            Some(primary) => primary.refused().await,
            None => pending().await,
        }
    }
}

/// Locks a mutex whose value is valid also after a panic.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
