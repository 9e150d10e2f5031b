//! The key of a cached response.

use bytes::Bytes;

/// The cache key: a request and the form of its response.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// Distinguishes transports and response formats.
    pub kind: u8,
    /// All bytes of the request.
    pub bytes: Bytes,
}

impl CacheKey {
    /// Returns a copy. A clone of the bytes would retain the buffer of the whole request.
    pub(super) fn compact(&self) -> Self {
        Self {
            kind: self.kind,
            bytes: Bytes::copy_from_slice(&self.bytes),
        }
    }
}
