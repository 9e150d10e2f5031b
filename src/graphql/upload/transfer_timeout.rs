//! The timeout of a request body, which depends on its transfer rate.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The maximum remaining time as a multiple of the initial timeout.
const MAX_TIMEOUT_FACTOR: u32 = 3;

/// The remaining time of a body. Waiting for the client consumes it, received bytes extend it. Time in which no
/// reader waits does not count.
#[derive(Debug)]
pub struct TransferTimeout {
    /// The transfer rate, in bytes per second, at which the remaining time is constant.
    min_rate: u32,
    left: Duration,
    max: Duration,
    /// The time since which a reader waits for the client.
    waiting: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl TransferTimeout {
    /// Creates the timeout of a new body with its initial duration and the minimum transfer rate in bytes per second.
    pub fn new(initial_timeout: Duration, min_rate: u32) -> Self {
        Self {
            min_rate,
            left: initial_timeout,
            max: initial_timeout * MAX_TIMEOUT_FACTOR,
            waiting: None,
            timer: None,
        }
    }

    /// Records received bytes.
    pub fn record_bytes(&mut self, bytes: usize) {
        if let Some(since) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1) * bytes / self.min_rate;
        self.left = (self.left + earned).min(self.max);
    }

    /// Records that nothing was received. Returns whether the body timed out; otherwise registers `cx` to be woken
    /// then.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> bool {
        let now = Instant::now();
        let end = *self.waiting.get_or_insert(now) + self.left;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(cx).is_ready()
    }

    /// Records that no reader waits for the client.
    pub fn pause(&mut self) {
        self.waiting = None;
    }
}
