//! Where work on pictures is done: on threads of its own, and only so much of it at once.
//!
//! Not on the runtime's threads for what blocks: those come and go, and each keeps for a while what its work had of memory.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread::{self, available_parallelism};

use tokio::sync::{Semaphore, oneshot};

use super::{Follower, Header, Limits};
use crate::core::error::{Error, Result};

/// Pixels that are worked on at once. One costs 3 to 8 bytes while it is, of a progressive JPEG up to 12.
const ROOM: u32 = 32 << 20;
/// Pixels of one permit: a semaphore counts no further than 32 bits, and small pictures cost something too.
const GRAIN: u32 = 1 << 16;
/// Pictures that are decoded while they come, which takes little memory and time, but a thread each.
const FOLLOWERS: usize = 16;
/// More threads than these would wait for the same room.
const THREADS: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// Runs work on pictures, as much at once as there are processors, and no more pixels than fit into memory.
#[derive(Clone, Debug)]
pub struct Pool {
    room: Arc<Semaphore>,
    followers: Arc<Semaphore>,
    /// To the threads, which start with the first job and end with the last clone of this.
    jobs: Arc<OnceLock<mpsc::Sender<Job>>>,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    pub fn new() -> Self {
        Self {
            room: Arc::new(Semaphore::new((ROOM / GRAIN) as usize)),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
            jobs: Arc::default(),
        }
    }

    /// A decoder for a picture that is still coming, of which [`Cleaner::comes_by_rows`](super::Cleaner::comes_by_rows) is
    /// true. None when there are many already.
    pub fn follow(&self, header: Header, limits: Limits) -> Option<Follower> {
        let place = self.followers.clone().try_acquire_owned().ok()?;
        Follower::start(header, limits, place)
    }

    /// Waits for its turn, works, and gives back what came of it. `pixels` is width times height of the picture.
    ///
    /// # Errors
    /// When the work panics.
    pub async fn run<T: Send + 'static>(
        &self,
        pixels: u64,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        // A picture larger than the room has it to itself.
        let grains = pixels.div_ceil(u64::from(GRAIN));
        let grains = grains.clamp(1, u64::from(ROOM / GRAIN));
        let grains = u32::try_from(grains).unwrap_or(u32::MAX);
        let room = self.room.clone().acquire_many_owned(grains).await;
        let room = room.map_err(Error::internal)?;
        let (done, result) = oneshot::channel();
        let job = move || {
            // Held by the work, which goes on when whoever asked for it is gone.
            let _room = room;
            let worked = catch_unwind(AssertUnwindSafe(work));
            // Nobody may be waiting any more.
            _ = done.send(worked);
        };
        let ended = || Error::internal(anyhow::anyhow!("work on a picture has ended"));
        let jobs = self.jobs.get_or_init(start);
        jobs.send(Box::new(job)).map_err(|_| ended())?;
        let worked = result.await.map_err(|_| ended())?;
        worked.map_err(|_| Error::internal(anyhow::anyhow!("work on a picture panicked")))
    }
}

fn start() -> mpsc::Sender<Job> {
    let (sender, jobs) = mpsc::channel::<Job>();
    let jobs = Arc::new(Mutex::new(jobs));
    let count = available_parallelism().map_or(1, NonZero::get).min(THREADS);
    for _ in 0..count {
        let jobs = jobs.clone();
        let work = move || {
            loop {
                let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                match job {
                    Ok(job) => job(),
                    Err(mpsc::RecvError) => return,
                }
            }
        };
        let started = thread::Builder::new()
            .name("pictures".to_owned())
            .spawn(work);
        if let Err(error) = started {
            tracing::error!(%error, "a thread for pictures could not be started");
        }
    }
    sender
}
