//! Threads for image processing, with a limit on the concurrent work.
//!
//! Not Tokio's blocking threads: those come and go, and each retains some of its memory for a while.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread::{self, available_parallelism};

use anyhow::{Result, anyhow};
use tokio::sync::{Semaphore, oneshot};

use super::{Header, Limits, StreamingDecoder};

/// The maximum number of pixels in work. One takes 3 to 8 bytes, up to 12 in a progressive JPEG.
const MAX_PIXELS: u32 = 32 << 20;
/// Pixels per permit, because a semaphore counts 32 bits and small images have a cost as well.
const PIXELS_PER_PERMIT: u32 = 1 << 16;
/// The maximum number of images that are decoded while they are received. Each takes little memory and time, but a
/// thread.
const MAX_STREAMING_DECODERS: usize = 16;
/// The maximum number of threads. More would only wait for pixel permits.
const MAX_THREADS: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// Runs image processing: one job per processor, and no more pixels than fit into memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Pool {
    pixel_permits: Arc<Semaphore>,
    streaming_permits: Arc<Semaphore>,
    /// The queue of the threads, which start with the first job and stop with the last clone.
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
            pixel_permits: Arc::new(Semaphore::new((MAX_PIXELS / PIXELS_PER_PERMIT) as usize)),
            streaming_permits: Arc::new(Semaphore::new(MAX_STREAMING_DECODERS)),
            jobs: Arc::default(),
        }
    }

    /// Starts a decoder for an image that is being received. Requires that
    /// [`Cleaner::is_decodable_by_rows`](super::Cleaner::is_decodable_by_rows) is true. Returns `None` when too many are running.
    pub fn start_streaming(&self, header: Header, limits: Limits) -> Option<StreamingDecoder> {
        let permit = self.streaming_permits.clone().try_acquire_owned().ok()?;
        StreamingDecoder::start(header, limits, permit)
    }

    /// Waits for permits, runs `work` and returns its result. `pixels` is width times height of the image.
    ///
    /// # Errors
    /// When `work` panics.
    pub async fn run<T: Send + 'static>(
        &self,
        pixels: u64,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        // An image above the limit takes all permits.
        let grains = pixels.div_ceil(u64::from(PIXELS_PER_PERMIT));
        let grains = grains.clamp(1, u64::from(MAX_PIXELS / PIXELS_PER_PERMIT));
        let grains = u32::try_from(grains).unwrap_or(u32::MAX);
        let pixel_permits = self
            .pixel_permits
            .clone()
            .acquire_many_owned(grains)
            .await?;
        let (done, result) = oneshot::channel();
        let job = move || {
            // Held by the work, which continues when the caller is cancelled.
            let _room = pixel_permits;
            let worked = catch_unwind(AssertUnwindSafe(work));
            // The caller may be gone.
            _ = done.send(worked);
        };
        let ended = || anyhow!("image processing stopped");
        let jobs = self.jobs.get_or_init(start);
        jobs.send(Box::new(job)).map_err(|_| ended())?;
        let worked = result.await.map_err(|_| ended())?;
        worked.map_err(|_| anyhow!("image processing panicked"))
    }
}

fn start() -> mpsc::Sender<Job> {
    let (sender, jobs) = mpsc::channel::<Job>();
    let jobs = Arc::new(Mutex::new(jobs));
    let count = available_parallelism()
        .map_or(1, NonZero::get)
        .min(MAX_THREADS);
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
            tracing::error!(%error, "failed to start a thread for image processing");
        }
    }
    sender
}
