//! A cached response body.

use std::io::Write;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The length of the hash in an `ETag`, in bytes.
const TAG: usize = 16;

/// A response body with its lazily computed gzip form and `ETag`, shared by all clients.
#[derive(Debug)]
pub struct Answer {
    body: Bytes,
    packed: OnceLock<Option<Bytes>>,
    tag: OnceLock<Bytes>,
}

impl Answer {
    /// Creates a response with this body.
    pub const fn new(body: Bytes) -> Self {
        Self {
            body,
            packed: OnceLock::new(),
            tag: OnceLock::new(),
        }
    }

    /// Returns the body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body compressed with gzip, or `None` unless that halves its size.
    pub fn packed(&self) -> Option<&Bytes> {
        self.packed.get_or_init(|| pack(&self.body)).as_ref()
    }

    /// Returns the `ETag`. It is weak because the response may be compressed.
    pub fn tag(&self) -> &Bytes {
        self.tag.get_or_init(|| {
            let hash = Sha256::digest(&self.body);
            let mut tag = b"W/\"".to_vec();
            for byte in hash.iter().take(TAG) {
                // Writing to memory can't fail.
                _ = write!(tag, "{byte:02x}");
            }
            tag.push(b'"');
            tag.into()
        })
    }

    /// Returns the maximum size in bytes, including the compressed form.
    pub fn weight(&self) -> usize {
        self.body.len() + self.body.len() / 2
    }
}

fn pack(body: &[u8]) -> Option<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(body).ok()?;
    let packed = gzip.finish().ok()?;
    // Must not exceed the estimate of `weight`.
    (packed.len() <= body.len() / 2).then(|| packed.into_boxed_slice().into())
}
