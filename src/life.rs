//! What a server knows of itself: how many are connected to it, and whether it is about to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The life of a server. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Life(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stopping: AtomicBool,
    connections: AtomicUsize,
}

/// One of those that are connected, until it is dropped.
#[derive(Debug)]
pub struct Connected(Life);

impl Life {
    /// Says that it has been told to stop.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
    }

    /// Whether it has been told to stop.
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Acquire)
    }

    /// Counts one who is connected.
    pub fn connect(&self) -> Connected {
        self.0.connections.fetch_add(1, Ordering::Relaxed);
        Connected(self.clone())
    }

    /// How many are connected.
    pub fn connections(&self) -> usize {
        self.0.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
