//! Download of images from other servers.

use futures_util::StreamExt;

use super::{Stored, failure, store};
use crate::core::error::Error;
use crate::core::retry::Failure;
use crate::state::State;

/// Downloads an image of up to `max_bytes` bytes from an untrusted URL, and stores it in `folder`.
pub async fn fetch(
    state: &State,
    folder: &str,
    url: &str,
    max_bytes: u64,
) -> Result<Stored, Failure> {
    let fetched = state.fetcher.get(url, max_bytes).await?;
    // Download errors are returned as such, not as errors of the store.
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
