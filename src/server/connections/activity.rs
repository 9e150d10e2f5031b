//! What goes on in a connection, and how long it may go on like that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Version;
use tokio::time::Instant;

use crate::config::Connections;

/// What goes on in one connection. Clones share it.
#[derive(Clone, Debug)]
pub struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// How many requests are being answered.
    requests: usize,
    /// Whether there was one at all.
    served: bool,
    multiplexed: bool,
    /// Whether there are bytes that the client does not take.
    stalled: bool,
    /// When it was made, when the last answer was given, or when the last of it was sent.
    since: Instant,
    /// When the first byte came of a request whose head is not whole yet.
    begun: Option<Instant>,
    /// How many bytes came of it.
    head: usize,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub struct InFlight(Activity);

/// When a connection is to end if nothing more happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A request is being answered, or its answer waits to be taken.
    Never,
    /// A request was begun and comes too slowly, or none was ever made.
    Late(Instant),
    /// Nothing is asked any more.
    Idle(Instant),
}

impl Due {
    /// When; nothing while a request is being answered.
    pub const fn time(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::Late(time) | Self::Idle(time) => Some(time),
        }
    }

    /// The same for one on which nothing is asked after this time.
    pub fn no_later(self, last: Instant) -> Self {
        match self {
            Self::Never => Self::Never,
            Self::Late(time) | Self::Idle(time) => Self::Idle(time.min(last)),
        }
    }

    /// The same for a connection that may last until then.
    pub fn no_sooner(self, last: Instant) -> Self {
        match self {
            Self::Never => Self::Never,
            Self::Late(_) | Self::Idle(_) => Self::Late(last),
        }
    }
}

impl Activity {
    /// That of a connection that was made just now.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            requests: 0,
            served: false,
            multiplexed: false,
            stalled: false,
            since: Instant::now(),
            begun: None,
            head: 0,
        })))
    }

    /// So many bytes came.
    pub fn read(&self, count: usize) {
        let mut state = self.lock();
        // What comes with many requests in it says nothing about one of them.
        if state.requests == 0 && !state.multiplexed {
            state.begun.get_or_insert_with(Instant::now);
            state.head += count;
        }
    }

    /// The number of bytes of the head that is being read; `None` while a request is answered, and in HTTP/2.
    pub fn head(&self) -> Option<usize> {
        let state = self.lock();
        (state.requests == 0 && !state.multiplexed).then_some(state.head)
    }

    /// Bytes were taken.
    pub fn wrote(&self) {
        let mut state = self.lock();
        state.stalled = false;
        // The last of an answer may be under way for long. Pings are none.
        if state.requests == 0 && state.served && !state.multiplexed {
            state.since = Instant::now();
        }
    }

    /// There are bytes that the client does not take just now.
    pub fn stalls(&self) {
        self.lock().stalled = true;
    }

    /// The head of a request is whole.
    pub fn begin(&self, version: Version) -> InFlight {
        let mut state = self.lock();
        state.requests += 1;
        state.served = true;
        state.begun = None;
        state.head = 0;
        state.multiplexed = version == Version::HTTP_2;
        drop(state);
        InFlight(self.clone())
    }

    /// Whether it is one of HTTP/2.
    pub fn is_multiplexed(&self) -> bool {
        self.lock().multiplexed
    }

    /// When it was made, when the last answer was given, or when the last of it was sent.
    pub fn since(&self) -> Instant {
        self.lock().since
    }

    /// When the connection is to end if nothing more happens.
    pub fn due(&self, settings: &Connections) -> Due {
        let state = self.lock();
        if state.requests > 0 || state.stalled {
            return Due::Never;
        }
        match state.begun.filter(|_| state.served) {
            Some(begun) => Due::Late(begun + settings.header_timeout),
            None if state.served => Due::Idle(state.since + settings.idle_timeout),
            None => Due::Late(state.since + settings.header_timeout),
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
