//! Running the jobs that are due.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use futures_util::{FutureExt, TryFutureExt};
use tokio::sync::{Notify, watch};
use tokio::task::{self, JoinSet};
use tokio::time::timeout;
use uuid::Uuid;

use super::{NEVER, reschedule};
use crate::core::error::Result;
use crate::core::retry::Failure;
use crate::platform::jobs::entity::Model;
use crate::platform::jobs::legacy;
use crate::platform::jobs::repository;
use crate::platform::jobs::{Due, JobContext, Queue, Registry, RetryPolicy};
use crate::state::State;

/// The timeout for running jobs to finish when the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server waits for more jobs before it claims those that are due. Together they take as many statements
/// as one.
const GATHERING_TIME: Duration = Duration::from_millis(50);
/// The maximum number of characters of an error that is stored.
const MAX_ERROR: usize = 500;

/// Returns the condition that a job of a queue is due.
pub fn due_condition(registry: &Registry, queue: Queue) -> Due {
    let kinds = registry.kinds_in(queue);
    Arc::new(move |state: &State| repository::due_condition(&kinds, state.clock.now()))
}

/// Runs the jobs of a queue when `due` is notified, until `stop` is set. Jobs that are running then may finish; those
/// that do not are released to other servers.
pub async fn run(
    state: State,
    registry: Arc<Registry>,
    queue: Queue,
    due: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let mut running = Running::default();
    let mut may_be_due = true;
    while !*stop.borrow() {
        // A job that hangs occupies only one slot.
        let free = queue.concurrency - running.ids.len();
        if may_be_due && free > 0 {
            let claimed = claim_or_log(&state, &registry, queue, free).await;
            may_be_due = claimed.len() == free;
            for row in claimed {
                running.start(&state, &registry, queue, row);
            }
        }
        tokio::select! {
            () = due.notified() => {
                _ = timeout(GATHERING_TIME, stop.changed()).await;
                may_be_due = true;
            }
            () = running.one_done(), if !running.ids.is_empty() => {}
            _ = stop.changed() => {}
        }
    }
    running.end(&state).await;
}

async fn claim_or_log(
    state: &State,
    registry: &Registry,
    queue: Queue,
    count: usize,
) -> Vec<Model> {
    // A panic was logged by the panic hook; the next poll may succeed.
    let claimed = AssertUnwindSafe(claim_due(state, registry, queue, count))
        .catch_unwind()
        .await;
    let claimed = claimed.unwrap_or_else(|_| Ok(Vec::new()));
    claimed.unwrap_or_else(|error| {
        error.log("due jobs could not be claimed");
        Vec::new()
    })
}

/// The jobs that a server is running.
#[derive(Default)]
struct Running {
    tasks: JoinSet<Result<()>>,
    ids: HashMap<task::Id, Uuid>,
}

impl Running {
    fn start(&mut self, state: &State, registry: &Arc<Registry>, queue: Queue, row: Model) {
        let (state, registry, id) = (state.clone(), registry.clone(), row.id);
        let task = async move {
            // It must end before another server can claim the job.
            let work = timeout(queue.lease * 9 / 10, execute(&state, &registry, &row));
            let too_long = |_| Err(Failure::Temporary("the job timed out".to_owned()));
            let work = work.unwrap_or_else(too_long);
            finish(&state, &registry, &row, work).await
        };
        self.ids.insert(self.tasks.spawn(task).id(), id);
    }

    async fn one_done(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((task, done))) => {
                self.ids.remove(&task);
                if let Err(error) = done {
                    error.log("the result of a job could not be stored");
                }
            }
            // A panic was logged by the panic hook; the job is claimed again when its lease ends.
            Some(Err(error)) => _ = self.ids.remove(&error.id()),
            None => {}
        }
    }

    /// Waits for the running jobs for a while, then aborts and releases them.
    async fn end(mut self, state: &State) {
        let all_done = async {
            while !self.tasks.is_empty() {
                self.one_done().await;
            }
        };
        if timeout(SHUTDOWN_TIMEOUT, all_done).await.is_ok() {
            return;
        }
        self.tasks.shutdown().await;
        for id in self.ids.into_values() {
            if let Err(error) = reschedule(state, id, state.clock.now()).await {
                error.log("an aborted job could not be released");
            }
        }
    }
}

/// Runs some of the jobs of a queue that are due; returns their number.
pub async fn run_due_jobs(state: &State, registry: &Registry, queue: Queue) -> Result<usize> {
    let rows = claim_due(state, registry, queue, queue.concurrency).await?;
    let done = rows
        .iter()
        .map(|row| finish(state, registry, row, execute(state, registry, row)));
    try_join_all(done).await?;
    Ok(rows.len())
}

/// Claims due jobs, so that no other server runs them too. Deletes emails without a recipient, and marks expired jobs
/// as failed.
async fn claim_due(
    state: &State,
    registry: &Registry,
    queue: Queue,
    count: usize,
) -> Result<Vec<Model>> {
    let now = state.clock.now();
    let kinds = registry.kinds_in(queue);
    let due = repository::find_due(state.db.reader(), &kinds, now).await?;
    if !due.any {
        return Ok(Vec::new());
    }
    let transaction = state.db.begin().await?;
    // All in one statement: however many of them clients cause, no other email waits behind them.
    if queue == Queue::EMAILS && due.without_recipient {
        repository::delete_without_recipient(&transaction, now).await?;
    }
    let expired = if due.expired {
        repository::fail_expired(&transaction, &kinds, now, NEVER).await?
    } else {
        Vec::new()
    };
    let rows = repository::due(&transaction, &kinds, now, count as u64).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    repository::claim(&transaction, &ids, now.after(queue.lease)).await?;
    transaction.commit().await?;
    for row in expired {
        let (kind, attempts) = (row.kind, row.attempts);
        tracing::error!(job = %row.id, kind, attempts, "job expired");
    }
    Ok(rows)
}

async fn execute(state: &State, registry: &Registry, row: &Model) -> Result<(), Failure> {
    let (kind, payload) = legacy::convert(row);
    let context = JobContext {
        state: state.clone(),
        id: row.id,
    };
    match registry.find(kind) {
        Some(kind) => kind.run(context, &payload).await,
        None => Err(Failure::Permanent("no handler is registered".to_owned())),
    }
}

async fn finish(
    state: &State,
    registry: &Registry,
    row: &Model,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<()> {
    let (kind, attempt) = (row.kind.as_str(), row.attempts + 1);
    let done = work.await;
    let policy = registry.find(legacy::convert(row).0);
    let policy = policy.map_or(RetryPolicy::DEFAULT, |kind| kind.retry);
    let is_last = policy
        .max_attempts
        .is_some_and(|max| i64::from(attempt) >= i64::from(max));
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    match done {
        Ok(()) => repository::delete(&transaction, row.id).await?,
        Err(Failure::Temporary(error)) if !is_last => {
            let age = now.since(row.created_at);
            let wait = age.clamp(policy.min_backoff, policy.max_backoff);
            tracing::warn!(job = %row.id, kind, attempt, error, "job failed, will be retried");
            let error = shortened(&error);
            repository::reschedule(&transaction, row.id, now.after(wait), Some(&error)).await?;
        }
        Err(Failure::Temporary(error) | Failure::Permanent(error)) => {
            tracing::error!(job = %row.id, kind, attempt, error, "job failed permanently");
            let error = shortened(&error);
            repository::fail(&transaction, row.id, &error, now, NEVER).await?;
        }
    }
    Ok(transaction.commit_without_records().await?)
}

fn shortened(error: &str) -> String {
    error.chars().take(MAX_ERROR).collect()
}
