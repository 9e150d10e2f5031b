//! The progress of a migration of many rows, in the log.

use std::time::Instant;

/// Counts the rows of a step of a migration.
#[derive(Debug)]
pub struct Progress {
    step: &'static str,
    begun: Instant,
    done: u64,
    total: u64,
}

impl Progress {
    pub fn new(step: &'static str, total: u64) -> Self {
        Self {
            step,
            begun: Instant::now(),
            done: 0,
            total,
        }
    }

    /// Counts rows, and logs all so far.
    pub fn add(&mut self, rows: u64) {
        if rows == 0 {
            return;
        }
        self.done += rows;
        tracing::info!(
            step = self.step,
            done = self.done,
            total = self.total,
            seconds = self.begun.elapsed().as_secs(),
            "migration in progress"
        );
    }
}
