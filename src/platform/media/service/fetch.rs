//! Pictures that come from other servers.

use futures_util::StreamExt;

use super::{Stored, failure, store};
use crate::core::error::Error;
use crate::core::retry::Failure;
use crate::state::State;

/// Fetches the picture at an address that somebody else wrote, of at most so many bytes, and stores it below this folder of
/// the store.
pub async fn fetch(state: &State, folder: &str, url: &str, most: u64) -> Result<Stored, Failure> {
    let fetched = state.fetcher.get(url, most).await?;
    // What goes wrong on the way is told by itself, not as a fault of ours.
    let mut broken = None;
    let content = fetched.stream.map(|chunk| {
        chunk.map_err(|failure| {
            broken = Some(failure);
            Error::Unavailable
        })
    });
    let stored = store(state, folder, "image_url", content.boxed()).await;
    match broken {
        Some(failure) => Err(failure),
        None => stored.map_err(failure),
    }
}
