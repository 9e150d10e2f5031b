//! Stored objects and their metadata.

use bytes::Bytes;
use futures_util::stream::BoxStream;

use crate::core::error::Result;

/// An object with a stream of its content.
pub struct Object {
    /// The size in bytes.
    pub bytes: u64,
    /// The media type, as stored.
    pub content_type: Option<String>,
    /// The content. The stream may end with an error.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

/// The metadata of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The size in bytes.
    pub bytes: u64,
    /// The media type, as stored.
    pub content_type: Option<String>,
}
