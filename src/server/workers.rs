//! Background workers: jobs, cleanup of expired records, watchers of the cache and the object store.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::api::schema;
use crate::core::error::error_chain;
use crate::infra::cache::watch as read_cache;
use crate::infra::database::{currency, delete_old_changes};
use crate::platform::jobs::service::Polls;
use crate::platform::jobs::{self, CleanUp, Poll};
use crate::state::State;

/// The running background tasks.
#[derive(Debug)]
pub struct Workers {
    /// One per queue.
    queues: Vec<JoinHandle<()>>,
    clean_ups: JoinSet<()>,
    /// Notified when the database stores another currency.
    currency_changed: Arc<Notify>,
    watcher: JoinHandle<()>,
    store_watcher: JoinHandle<Infallible>,
}

impl Workers {
    /// Starts the workers, which run until `stop` is set.
    pub fn start(state: &State, stop: &watch::Receiver<bool>) -> Self {
        let registry = Arc::new(schema::registry());
        let mut polls = Polls::default();
        let worker = |queue| {
            let due = polls.add(jobs::service::due_condition(&registry, queue));
            let (state, registry) = (state.clone(), registry.clone());
            let run = jobs::service::run(state, registry, queue, due, stop.clone());
            tokio::spawn(run)
        };
        let queues = registry.queues().into_iter().map(worker).collect();
        let clean_ups = registry.clean_ups().iter();
        let clean_ups = clean_ups.map(|clean_up| repeat(state.clone(), clean_up.clone()));
        let mut clean_ups: JoinSet<_> = clean_ups.collect();
        for poll in registry.polls() {
            let due = polls.add(poll.due.clone());
            clean_ups.spawn(run_when_due(state.clone(), poll.clone(), due));
        }
        let currency = |state: &State| currency::mismatch_condition(state.config.shop_currency);
        let currency_changed = polls.add(Arc::new(currency));
        clean_ups.spawn(polls.run(state.clone()));
        clean_ups.spawn(delete_old_changes(state.db.clone()));
        Self {
            queues,
            clean_ups,
            currency_changed,
            watcher: tokio::spawn(read_cache::run(state.read_cache.clone(), state.db.clone())),
            store_watcher: tokio::spawn(state.storage.clone().watch()),
        }
    }

    /// Waits until the database stores another currency: another process changed it in a shop without products.
    pub async fn currency_changed(&self, state: &State) -> currency::Mismatch {
        loop {
            self.currency_changed.notified().await;
            // An unreachable database is no reason to end.
            let found = currency::find_mismatch(&state.db, state.config.shop_currency).await;
            if let Ok(Some(mismatch)) = found {
                return mismatch;
            }
        }
    }

    /// Waits for the jobs that are running.
    pub async fn end(mut self) {
        self.clean_ups.abort_all();
        self.watcher.abort();
        self.store_watcher.abort();
        for worker in self.queues {
            // A panic in it was logged by the panic hook.
            _ = worker.await;
        }
    }
}

/// Runs a clean-up at its interval, first at once.
async fn repeat(state: State, clean_up: CleanUp) {
    let mut rounds = tokio::time::interval(clean_up.interval);
    loop {
        rounds.tick().await;
        if let Err(error) = clean_up.run(&state).await {
            let error = error_chain(&error.into_cause());
            tracing::error!(clean_up = clean_up.name, error, "clean-up failed");
        }
    }
}

/// Does work whenever it is due, first at once.
async fn run_when_due(state: State, poll: Poll, due: Arc<Notify>) {
    loop {
        if let Err(error) = poll.run(&state).await {
            let error = error_chain(&error.into_cause());
            tracing::error!(work = poll.name, error, "regular work failed");
        }
        due.notified().await;
    }
}
