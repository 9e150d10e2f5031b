//! What is in the store.

use bytes::Bytes;
use futures_util::stream::BoxStream;

use crate::core::error::Result;

/// An object, its bytes still to be read.
pub struct Object {
    /// How many bytes it has.
    pub bytes: u64,
    /// Its type, as it was stored.
    pub content_type: Option<String>,
    /// Its bytes. They may break off with an error.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

/// What is known of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many bytes it has.
    pub bytes: u64,
    /// Its type, as it was stored.
    pub content_type: Option<String>,
}
