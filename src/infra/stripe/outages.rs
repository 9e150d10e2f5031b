//! Limits the warnings while Stripe does not respond.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::core::clock::Timestamp;

const INTERVAL: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
pub(super) struct Outages(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u64,
    warned_at: Option<Timestamp>,
}

impl Outages {
    /// Counts a failure. Returns the number since the last warning if the last one is a minute ago.
    pub(super) fn count(&self, now: Timestamp) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures += 1;
        // A clock that was set back is no reason to be silent.
        let is_early = state
            .warned_at
            .is_some_and(|at| at <= now && now.since(at) < INTERVAL);
        if is_early {
            return None;
        }
        let failures = std::mem::take(&mut state.failures);
        state.warned_at = Some(now);
        Some(failures)
    }
}
