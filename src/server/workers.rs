//! What a server does besides answering: the tasks of the outbox, and removing what is over.

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

/// How often what is over is removed.
const SWEEP: Duration = Duration::from_hours(1);

/// The work that is under way.
#[derive(Debug)]
pub struct Work {
    outbox: [JoinHandle<()>; 3],
    sweeper: JoinHandle<()>,
    watcher: JoinHandle<()>,
    store_watcher: JoinHandle<Infallible>,
}

impl Work {
    /// Starts it. It goes on until `stop` says so.
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

    /// Lets what has been begun come to an end.
    pub async fn end(self) {
        self.sweeper.abort();
        self.watcher.abort();
        self.store_watcher.abort();
        for lane in self.outbox {
            // A panic in it was logged.
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
            error.log("what is over could not be removed");
        }
    }
}

/// Does a task on a picture.
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
        // Of the other lane.
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
    // The picture was removed meanwhile; so are the sizes that were made too late.
    media::remove_sizes(state, key)
        .await
        .map_err(media::failure)
}
