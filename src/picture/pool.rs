//! Where work on pictures is done: beside the async threads, and only so much of it at once.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Pixels that are worked on at once. One costs 3 to 8 bytes while it is.
const ROOM: u32 = 48 << 20;
/// Pixels of one permit: a semaphore counts no further than 32 bits, and small pictures cost something too.
const GRAIN: u32 = 1 << 16;

/// Runs work on pictures, as much at once as there are processors, and no more pixels than fit into memory.
#[derive(Clone, Debug)]
pub struct Pool {
    processors: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    pub fn new() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self {
            processors: Arc::new(Semaphore::new(processors)),
            room: Arc::new(Semaphore::new((ROOM / GRAIN) as usize)),
        }
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
        let processor = self.processors.clone().acquire_owned().await;
        let processor = processor.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work, which goes on when whoever asked for it is gone.
            let _turn = (room, processor);
            work()
        });
        done.await.map_err(Error::internal)
    }
}
