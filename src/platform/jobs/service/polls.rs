//! Polls of the database for work: one statement finds out which workers have any, so that an idle server sends one a
//! second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use crate::core::error::Result;
use crate::infra::database::DueCondition;
use crate::infra::telemetry::log::LogThrottle;
use crate::platform::jobs::Due;
use crate::state::State;

/// The polling interval.
const INTERVAL: Duration = Duration::from_secs(1);

/// The conditions of work, and the workers that wait for it.
#[derive(Default)]
pub struct Polls {
    workers: Vec<(Due, Arc<Notify>)>,
}

impl Polls {
    /// Adds a condition. Returns the notification that it is true, which is repeated at each poll.
    pub fn add(&mut self, due: Due) -> Arc<Notify> {
        let worker = Arc::new(Notify::new());
        self.workers.push((due, worker.clone()));
        worker
    }

    /// Polls until the task is cancelled.
    pub async fn run(self, state: State) {
        let mut rounds = interval(INTERVAL);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failure_log = LogThrottle::default();
        loop {
            rounds.tick().await;
            if let Err(error) = self.poll(&state).await
                && failure_log.is_due()
            {
                error.log("polling for work failed");
            }
        }
    }

    async fn poll(&self, state: &State) -> Result<()> {
        let conditions = self.workers.iter().map(|(due, _)| due(state)).collect();
        let due = DueCondition::evaluate(conditions, state.db.reader()).await?;
        for ((_, worker), is_due) in self.workers.iter().zip(due) {
            if is_due {
                worker.notify_one();
            }
        }
        Ok(())
    }
}
