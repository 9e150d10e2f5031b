//! The activity of a connection and its idle deadline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Version;
use tokio::time::Instant;

use crate::config::Connections;

/// The activity of one connection. Clones share it.
#[derive(Clone, Debug)]
pub struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// The number of requests in flight.
    requests: usize,
    /// Whether there was any request.
    served: bool,
    multiplexed: bool,
    /// Whether the client is not reading pending data.
    stalled: bool,
    /// The time of the connection, of the last response, or of its last sent byte.
    since: Instant,
    /// The time of the first byte of a request whose head is incomplete.
    head_started_at: Option<Instant>,
    /// The number of bytes of this head.
    head: usize,
}

/// A request in flight, until it is dropped.
#[derive(Debug)]
pub struct InFlight(Activity);

/// The deadline of a connection without further activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// A request is in flight, or its response is not read by the client.
    Never,
    /// A request is incomplete, or none was made: the connection is closed.
    Incomplete(Instant),
    /// The connection is idle: it is closed gracefully.
    Idle(Instant),
}

impl Deadline {
    /// Returns the deadline; `None` while a request is in flight.
    pub const fn time(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::Incomplete(time) | Self::Idle(time) => Some(time),
        }
    }

    /// Limits the deadline of a connection that accepts no requests after `last`.
    pub fn no_later_than(self, last: Instant) -> Self {
        match self {
            Self::Never => Self::Never,
            Self::Incomplete(time) | Self::Idle(time) => Self::Idle(time.min(last)),
        }
    }

    /// Replaces the deadline of a connection that may last until `last`.
    pub fn no_earlier_than(self, last: Instant) -> Self {
        match self {
            Self::Never => Self::Never,
            Self::Incomplete(_) | Self::Idle(_) => Self::Incomplete(last),
        }
    }
}

impl Activity {
    /// Creates the activity of a new connection.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            requests: 0,
            served: false,
            multiplexed: false,
            stalled: false,
            since: Instant::now(),
            head_started_at: None,
            head: 0,
        })))
    }

    /// Records received bytes.
    pub fn read(&self, count: usize) {
        let mut state = self.lock();
        // In HTTP/2 the bytes do not belong to a single request.
        if state.requests == 0 && !state.multiplexed {
            state.head_started_at.get_or_insert_with(Instant::now);
            state.head += count;
        }
    }

    /// Returns the number of bytes of the head being read; `None` while a request is in flight, and in HTTP/2.
    pub fn head(&self) -> Option<usize> {
        let state = self.lock();
        (state.requests == 0 && !state.multiplexed).then_some(state.head)
    }

    /// Records sent bytes.
    pub fn record_write(&self) {
        let mut state = self.lock();
        state.stalled = false;
        // The end of a response may take long to send. HTTP/2 pings do not count.
        if state.requests == 0 && state.served && !state.multiplexed {
            state.since = Instant::now();
        }
    }

    /// Records that the client does not read pending data.
    pub fn record_stall(&self) {
        self.lock().stalled = true;
    }

    /// Records that the head of a request is complete.
    pub fn begin(&self, version: Version) -> InFlight {
        let mut state = self.lock();
        state.requests += 1;
        state.served = true;
        state.head_started_at = None;
        state.head = 0;
        state.multiplexed = version == Version::HTTP_2;
        drop(state);
        InFlight(self.clone())
    }

    /// Returns whether the connection uses HTTP/2.
    pub fn is_multiplexed(&self) -> bool {
        self.lock().multiplexed
    }

    /// Returns the time of the connection, of the last response, or of its last sent byte.
    pub fn since(&self) -> Instant {
        self.lock().since
    }

    /// Returns the deadline of the connection without further activity.
    pub fn deadline(&self, settings: &Connections) -> Deadline {
        let state = self.lock();
        if state.requests > 0 || state.stalled {
            return Deadline::Never;
        }
        match state.head_started_at.filter(|_| state.served) {
            Some(head_started_at) => {
                Deadline::Incomplete(head_started_at + settings.header_timeout)
            }
            None if state.served => Deadline::Idle(state.since + settings.idle_timeout),
            None => Deadline::Incomplete(state.since + settings.header_timeout),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.requests -= 1;
        state.since = Instant::now();
    }
}
