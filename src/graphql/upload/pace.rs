//! How long a client may keep the server waiting for the bytes of its body.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// How many seconds of waiting a client may save up, in terms of those it begins with.
const SAVINGS: u32 = 3;

/// The patience with one body. Waiting uses it up, and each byte that comes restores some; only time in which somebody
/// waits for the client counts.
#[derive(Debug)]
pub struct Pace {
    /// Bytes a second that keep it as it is.
    min_rate: u32,
    left: Duration,
    most: Duration,
    /// Since when the client is waited for.
    waiting: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    /// The patience with a new body: what it begins with, and the bytes a second that keep it up.
    pub fn new(patience: Duration, min_rate: u32) -> Self {
        Self {
            min_rate,
            left: patience,
            most: patience * SAVINGS,
            waiting: None,
            alarm: None,
        }
    }

    /// Takes note of bytes that came.
    pub fn came(&mut self, bytes: usize) {
        if let Some(since) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1) * bytes / self.min_rate;
        self.left = (self.left + earned).min(self.most);
    }

    /// Takes note that nothing has come. Whether the patience is at an end; if not, `cx` is woken when it is.
    pub fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let now = Instant::now();
        let end = *self.waiting.get_or_insert(now) + self.left;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if alarm.deadline() != end {
            alarm.as_mut().reset(end);
        }
        alarm.as_mut().poll(cx).is_ready()
    }

    /// Takes note that nobody waits for the client any more.
    pub fn pause(&mut self) {
        self.waiting = None;
    }
}
