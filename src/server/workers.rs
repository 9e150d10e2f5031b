//! Background workers: jobs, cleanup of expired records, watchers of the cache and the object store.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::api::schema;
use crate::core::error::error_chain;
use crate::infra::cache::watch as read_cache;
use crate::platform::jobs::{self, CleanUp};
use crate::state::State;

/// The running background tasks.
#[derive(Debug)]
pub struct Workers {
    /// One per queue.
    queues: Vec<JoinHandle<()>>,
    clean_ups: JoinSet<()>,
    watcher: JoinHandle<()>,
    store_watcher: JoinHandle<Infallible>,
}

impl Workers {
    /// Starts the workers, which run until `stop` is set.
    pub fn start(state: &State, stop: &watch::Receiver<bool>) -> Self {
        let registry = Arc::new(schema::registry());
        let worker = |queue| {
            let (state, registry) = (state.clone(), registry.clone());
            tokio::spawn(jobs::service::run(state, registry, queue, stop.clone()))
        };
        let clean_ups = registry.clean_ups().iter();
        let clean_ups = clean_ups.map(|clean_up| repeat(state.clone(), clean_up.clone()));
        Self {
            queues: registry.queues().into_iter().map(worker).collect(),
            clean_ups: clean_ups.collect(),
            watcher: tokio::spawn(read_cache::run(state.read_cache.clone(), state.db.clone())),
            store_watcher: tokio::spawn(state.storage.clone().watch()),
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
