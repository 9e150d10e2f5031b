//! Doing what is due.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::future::try_join_all;
use futures_util::{FutureExt, TryFutureExt};
use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use tokio::time::timeout;
use uuid::Uuid;

use super::put_off;
use crate::core::error::{Error, Result};
use crate::core::retry::Failure;
use crate::infra::mail::DELIVERY;
use crate::platform::jobs::entity::{Kind, Model};
use crate::platform::jobs::repository;
use crate::state::State;

/// How long to wait before something is tried again: as long as it has been tried already, within these bounds.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));
/// How long what is being done may take when the server stops.
const PARTING: Duration = Duration::from_secs(5);
/// How often the outbox is looked into.
const POLL: Duration = Duration::from_secs(1);

/// What does not wait for each other: no letter waits for a picture, and no picture that is in the store for those that
/// slow hosts have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Letters,
    Pictures,
    Fetches,
}

impl Lane {
    const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Letters => &[Kind::Letter],
            Self::Pictures => &[Kind::Delete, Kind::Resize],
            Self::Fetches => &[Kind::Fetch, Kind::Demo],
        }
    }

    /// How many a server does at once.
    const fn at_once(self) -> usize {
        match self {
            Self::Letters => 8,
            Self::Pictures | Self::Fetches => 4,
        }
    }

    /// How long something belongs to the server that took it. Longer than it can take to do it.
    const fn lease(self) -> Duration {
        match self {
            Self::Letters => Duration::from_secs(2 * DELIVERY.as_secs()),
            Self::Pictures | Self::Fetches => Duration::from_mins(10),
        }
    }
}

/// Does what is due until it is told to stop. What it is doing by then may be finished; what is not goes back.
pub async fn run<F>(
    state: State,
    lane: Lane,
    work: impl Fn(State, Model) -> F + Copy + Send,
    mut stop: watch::Receiver<bool>,
) where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let mut doing = Doing::default();
    while !*stop.borrow() {
        // What hangs holds up none but itself.
        let free = lane.at_once() - doing.ids.len();
        // A panic was logged where it happened; the next round may be better.
        let taken = AssertUnwindSafe(take_due(&state, lane, free))
            .catch_unwind()
            .await;
        let taken = taken.unwrap_or_else(|_| Ok(Vec::new()));
        let taken = taken.unwrap_or_else(|error| {
            error.log("the outbox could not be read");
            Vec::new()
        });
        for row in taken {
            doing.start(&state, lane, row, work);
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = doing.one_done(), if !doing.ids.is_empty() => {}
            _ = stop.changed() => {}
        }
    }
    doing.end(&state).await;
}

/// What a server is doing.
#[derive(Default)]
struct Doing {
    tasks: JoinSet<Result<()>>,
    ids: HashMap<task::Id, Uuid>,
}

impl Doing {
    fn start<F>(&mut self, state: &State, lane: Lane, row: Model, work: impl Fn(State, Model) -> F)
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let (state, id) = (state.clone(), row.id);
        // It must not go on when others may have begun it too.
        let work = timeout(lane.lease() * 9 / 10, work(state.clone(), row.clone()));
        let too_long = |_| Err(Failure::Temporary("it takes too long".to_owned()));
        let work = work.unwrap_or_else(too_long);
        let task = async move { finish(&state, &row, work).await };
        self.ids.insert(self.tasks.spawn(task).id(), id);
    }

    async fn one_done(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((task, done))) => {
                self.ids.remove(&task);
                if let Err(error) = done {
                    error.log("the outbox could not be written");
                }
            }
            // A panic was logged where it happened; the task comes back when its lease is over.
            Some(Err(error)) => _ = self.ids.remove(&error.id()),
            None => {}
        }
    }

    /// Lets them finish for a while, and gives those back that do not.
    async fn end(mut self, state: &State) {
        let all_done = async {
            while !self.tasks.is_empty() {
                self.one_done().await;
            }
        };
        if timeout(PARTING, all_done).await.is_ok() {
            return;
        }
        self.tasks.shutdown().await;
        for id in self.ids.into_values() {
            if let Err(error) = put_off(state, id, state.clock.now()).await {
                error.log("what was under way could not be given back");
            }
        }
    }
}

/// Does some of what is due; gives how much that was.
pub async fn do_due<F>(state: &State, lane: Lane, work: impl Fn(State, Model) -> F) -> Result<usize>
where
    F: Future<Output = Result<(), Failure>>,
{
    let rows = take_due(state, lane, lane.at_once()).await?;
    let done = rows
        .iter()
        .map(|row| finish(state, row, work(state.clone(), row.clone())));
    try_join_all(done).await?;
    Ok(rows.len())
}

/// Takes what is due, so that no other server does it too. What is for nobody and what is out of date is removed.
async fn take_due(state: &State, lane: Lane, count: usize) -> Result<Vec<Model>> {
    let now = state.clock.now();
    if count == 0 || !repository::is_due(state.db.reader(), lane.kinds(), now).await? {
        return Ok(Vec::new());
    }
    let transaction = state.db.begin().await?;
    // All at once: however many a stranger causes, letters do not wait behind them.
    if lane == Lane::Letters {
        repository::delete_for_nobody(&transaction, now).await?;
    }
    let expired = repository::take_expired(&transaction, lane.kinds(), now).await?;
    let rows = repository::due(&transaction, lane.kinds(), now, count as u64).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    repository::take(&transaction, &ids, now.after(lane.lease())).await?;
    transaction.commit().await?;
    for row in expired {
        let (kind, attempts) = (row.kind.as_str(), row.attempts);
        tracing::error!(task = %row.id, attempts, "a {kind} was given up: it is out of date");
    }
    Ok(rows)
}

async fn finish(
    state: &State,
    row: &Model,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<()> {
    let kind = row.kind.as_str();
    let attempt = row.attempts + 1;
    match work.await {
        Ok(()) => remove(state, row.id).await,
        Err(Failure::Temporary(why)) => {
            let now = state.clock.now();
            let age = now.since(row.created_at);
            let wait = age.clamp(BACKOFF.0, BACKOFF.1);
            tracing::warn!(task = %row.id, attempt, why, "a {kind} did not succeed; it is tried again");
            put_off(state, row.id, now.after(wait)).await
        }
        Err(Failure::Permanent(why)) => {
            tracing::error!(task = %row.id, attempt, why, "a {kind} was given up");
            remove(state, row.id).await
        }
    }
}
async fn remove(state: &State, id: Uuid) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete(&transaction, &[id]).await?;
    transaction.commit().await.map_err(Error::from)
}
