//! What a server does besides answering: the tasks of the outbox, and removing what is over.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::outbox::entity::{Kind, Model as Task};
use crate::outbox::service::{self as outbox, Lane};
use crate::retry::Failure;
use crate::state::State;
use crate::{auth, idempotency};

/// How often what is over is removed.
const SWEEP: Duration = Duration::from_hours(1);

/// The work that is under way.
#[derive(Debug)]
pub struct Work {
    outbox: [JoinHandle<()>; 2],
    sweeper: JoinHandle<()>,
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
        Self {
            outbox: [tokio::spawn(letters), tokio::spawn(pictures)],
            sweeper: tokio::spawn(sweep(state.clone())),
        }
    }

    /// Lets what has been begun come to an end.
    pub async fn end(self) {
        self.sweeper.abort();
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
        let (accounts, keys) = tokio::join!(
            auth::service::sweep(&state),
            idempotency::service::sweep(&state)
        );
        for error in [accounts, keys].into_iter().filter_map(Result::err) {
            error.log("what is over could not be removed");
        }
    }
}

/// Does a task on a picture.
pub async fn picture_task(_state: State, task: Task) -> Result<(), Failure> {
    match task.kind {
        Kind::Letter | Kind::Delete | Kind::Resize | Kind::Fetch => Ok(()),
    }
}
