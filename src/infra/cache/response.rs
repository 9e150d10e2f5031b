//! A cached response body.

use std::io::Write;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The length of the hash in an `ETag`, in bytes.
const ETAG_BYTES: usize = 16;

/// A response body with its lazily computed gzip form and `ETag`, shared by all clients.
#[derive(Debug)]
pub struct CachedResponse {
    body: Bytes,
    gzipped: OnceLock<Option<Bytes>>,
    etag: OnceLock<Bytes>,
}

impl CachedResponse {
    /// Creates a response with this body.
    pub const fn new(body: Bytes) -> Self {
        Self {
            body,
            gzipped: OnceLock::new(),
            etag: OnceLock::new(),
        }
    }

    /// Returns the body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body compressed with gzip, or `None` unless that halves its size.
    pub fn gzipped(&self) -> Option<&Bytes> {
        self.gzipped.get_or_init(|| compress(&self.body)).as_ref()
    }

    /// Returns the `ETag`. It is weak because the response may be compressed.
    pub fn etag(&self) -> &Bytes {
        self.etag.get_or_init(|| {
            let hash = Sha256::digest(&self.body);
            let mut etag = b"W/\"".to_vec();
            for byte in hash.iter().take(ETAG_BYTES) {
                // Writing to memory can't fail.
                _ = write!(etag, "{byte:02x}");
            }
            etag.push(b'"');
            etag.into()
        })
    }

    /// Returns the maximum size in bytes, including the compressed form.
    pub fn weight(&self) -> usize {
        self.body.len() + self.body.len() / 2
    }
}

fn compress(body: &[u8]) -> Option<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(body).ok()?;
    let gzipped = gzip.finish().ok()?;
    // Must not exceed the estimate of `weight`.
    (gzipped.len() <= body.len() / 2).then(|| gzipped.into_boxed_slice().into())
}
