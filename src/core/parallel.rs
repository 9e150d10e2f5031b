//! Computations that several threads share.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle, available_parallelism};

/// Returns the results of a function for many items, in their order. The threads end before it returns.
pub fn map_in_parallel<T: Sync, R: Send>(items: &[T], map: impl Fn(&T) -> R + Sync) -> Vec<R> {
    /// Items of a thread: a shorter time than that of its start would be no gain.
    const MIN_ITEMS: usize = 100;
    let threads = available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(threads).max(MIN_ITEMS);
    let (first, rest) = items.split_at(share.min(items.len()));
    thread::scope(|scope| {
        let map = &map;
        let others = rest.chunks(share);
        let others = others.map(|items| scope.spawn(move || items.iter().map(map).collect()));
        let others: Vec<ScopedJoinHandle<'_, Vec<R>>> = others.collect();
        let mut results: Vec<R> = first.iter().map(map).collect();
        for other in others {
            // A panic continues here.
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    })
}
