//! Upload of many small images that are in memory.

use std::io::Cursor;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::image_upload::{Stored, random_key};
use super::pending_deletion::PendingDeletion;
use super::{explain, refuse};
use crate::core::error::{Error, Result};
use crate::infra::image::{Cleaner, Header, Limits};
use crate::state::State;

/// Maximum number of concurrent uploads.
const MAX_CONCURRENT: usize = 8;

/// A decoded image.
struct DecodedImage {
    key: String,
    header: Header,
    bytes: Bytes,
    placeholder: String,
}

/// Stores each image in its folder, as [`store`](super::store) does. Stores all or none.
pub async fn store_many(state: &State, files: Vec<(String, Vec<u8>)>) -> Result<Vec<Stored>> {
    let pixels = state.config.uploads.image_max_pixels;
    let limits = Limits { pixels };
    let prepare = move || -> Result<Vec<DecodedImage>> {
        let files = files.into_iter();
        files.map(|file| ready(file, limits)).collect()
    };
    let ready = state.image_pool.run(u64::from(pixels), prepare).await;
    let ready = ready.map_err(Error::internal)??;
    let keys: Vec<_> = ready.iter().map(|ready| ready.key.as_str()).collect();
    let pending_deletions = PendingDeletion::create_many(state, &keys).await?;
    let put = async |(ready, pending_deletion): (DecodedImage, PendingDeletion)| {
        let kind = ready.header.kind.content_type();
        let bytes = ready.bytes.len() as u64;
        state.storage.put(&ready.key, kind, ready.bytes).await?;
        Stored::new(
            ready.key,
            ready.header,
            bytes,
            ready.placeholder,
            pending_deletion,
        )
    };
    let all = stream::iter(ready.into_iter().zip(pending_deletions));
    all.map(put).buffered(MAX_CONCURRENT).try_collect().await
}

fn ready((folder, file): (String, Vec<u8>), limits: Limits) -> Result<DecodedImage> {
    let refuse = |refusal| refuse("file", refusal);
    let mut cleaner = Cleaner::new(limits);
    let pieces = cleaner.push(file.into()).map_err(refuse)?;
    let taken = cleaner.finish().map_err(refuse)?;
    let (header, rest) = (taken.header, taken.rest());
    let bytes = Bytes::from([pieces.concat().as_slice(), &rest].concat());
    let placeholder = taken.examine(Cursor::new(bytes.clone()), limits);
    let placeholder = placeholder.map_err(|failure| explain("file", failure))?;
    Ok(DecodedImage {
        key: random_key(&folder, header.kind),
        header,
        bytes,
        placeholder,
    })
}
