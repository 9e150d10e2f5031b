//! Background workers: jobs, cleanup of expired records, watchers of the cache and the object store.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::accounts::{auth, avatar, identity};
use crate::catalog::{demo, product_image};
use crate::core::retry::Failure;
use crate::infra::cache::watch as read_cache;
use crate::platform::idempotency;
use crate::platform::jobs::entity::{Kind, Model as Task};
use crate::platform::jobs::service::{self as outbox, Lane};
use crate::platform::media::service as media;
use crate::state::State;

/// The interval between two cleanups.
const SWEEP: Duration = Duration::from_hours(1);

/// The running workers.
#[derive(Debug)]
pub struct Work {
    outbox: [JoinHandle<()>; 3],
    sweeper: JoinHandle<()>,
    watcher: JoinHandle<()>,
    store_watcher: JoinHandle<Infallible>,
}

impl Work {
    /// Starts the workers, which run until `stop` is set.
    pub fn start(state: &State, stop: &watch::Receiver<bool>) -> Self {
        let letters = outbox::run(
            state.clone(),
            Lane::Letters,
            outbox::send_letter,
            stop.clone(),
        );
        let pictures = outbox::run(state.clone(), Lane::Pictures, picture_task, stop.clone());
        let fetches = outbox::run(state.clone(), Lane::Fetches, picture_task, stop.clone());
        Self {
            outbox: [
                tokio::spawn(letters),
                tokio::spawn(pictures),
                tokio::spawn(fetches),
            ],
            sweeper: tokio::spawn(sweep(state.clone())),
            watcher: tokio::spawn(read_cache::run(state.read_cache.clone(), state.db.clone())),
            store_watcher: tokio::spawn(state.storage.clone().watch()),
        }
    }

    /// Waits for running jobs to complete.
    pub async fn end(self) {
        self.sweeper.abort();
        self.watcher.abort();
        self.store_watcher.abort();
        for lane in self.outbox {
            // A panic of the worker was logged.
            _ = lane.await;
        }
    }
}

async fn sweep(state: State) {
    let mut rounds = tokio::time::interval(SWEEP);
    loop {
        rounds.tick().await;
        let (accounts, keys, uploads, codes) = tokio::join!(
            auth::service::sweep(&state),
            idempotency::service::sweep(&state),
            product_image::service::sweep(&state),
            identity::service::sweep(&state)
        );
        for error in [accounts, keys, uploads, codes]
            .into_iter()
            .filter_map(Result::err)
        {
            error.log("deleting expired records failed");
        }
    }
}

/// Executes an image job.
pub async fn picture_task(state: State, task: Task) -> Result<(), Failure> {
    match task.kind {
        Kind::Delete => media::delete(&state, &task).await,
        Kind::Fetch if avatar::service::is_wanted(&task) => {
            avatar::service::fetch(&state, &task).await
        }
        Kind::Fetch => product_image::service::fetch(&state, &task).await,
        Kind::Resize => resize(&state, &task).await,
        Kind::Demo => demo::service::fill_pictures(&state)
            .await
            .map_err(media::failure),
        // A job of the email queue.
        Kind::Letter => Ok(()),
    }
}

async fn resize(state: &State, task: &Task) -> Result<(), Failure> {
    let key = &task.subject;
    let noted = async {
        Ok(product_image::service::sized(state, key).await?
            || avatar::service::sized(state, key).await?)
    };
    if media::make_sizes(state, task).await? && noted.await.map_err(media::failure)? {
        return Ok(());
    }
    // The image was removed meanwhile, so sizes that were created too late are removed too.
    media::remove_sizes(state, key)
        .await
        .map_err(media::failure)
}
