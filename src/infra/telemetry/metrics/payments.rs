//! Counts of the calls of Stripe by outcome.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Text;

const CALLS: [&str; 7] = [
    "create",
    "look",
    "capture",
    "cancel",
    "refund",
    "client_secret",
    "events",
];
const OUTCOMES: [&str; 3] = ["ok", "failed", "timed_out"];

/// A call of a payment provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderCall {
    Create,
    Look,
    Capture,
    Cancel,
    Refund,
    ClientSecret,
    Events,
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    Ok,
    Failed,
    TimedOut,
}

#[derive(Debug, Default)]
pub(super) struct ProviderCalls([[AtomicU64; OUTCOMES.len()]; CALLS.len()]);

impl ProviderCalls {
    pub(super) fn count(&self, call: ProviderCall, outcome: CallOutcome) {
        self.0[call as usize][outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn write(&self, text: &mut Text) {
        let name = "wares_stripe_calls_total";
        text.head(name, "counter", "Calls of Stripe by outcome.");
        for (counts, call) in self.0.iter().zip(CALLS) {
            for (count, outcome) in counts.iter().zip(OUTCOMES) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    text.sample(name, &[("call", call), ("outcome", outcome)], count);
                }
            }
        }
    }
}
