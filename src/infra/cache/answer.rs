//! An answer that can be given to many.

use std::io::Write;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// How many bytes of the hash tell one answer from another.
const TAG: usize = 16;

/// The body of an answer, and what is made of it once for all who get it.
#[derive(Debug)]
pub struct Answer {
    body: Bytes,
    packed: OnceLock<Option<Bytes>>,
    tag: OnceLock<Bytes>,
}

impl Answer {
    /// The answer with this body.
    pub const fn new(body: Bytes) -> Self {
        Self {
            body,
            packed: OnceLock::new(),
            tag: OnceLock::new(),
        }
    }

    /// What it says.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The same packed with gzip; nothing when that does not make it half as large.
    pub fn packed(&self) -> Option<&Bytes> {
        self.packed.get_or_init(|| pack(&self.body)).as_ref()
    }

    /// What tells it from others, as it stands in an `ETag`: a weak one, because the answer may be packed on its way.
    pub fn tag(&self) -> &Bytes {
        self.tag.get_or_init(|| {
            let hash = Sha256::digest(&self.body);
            let mut tag = b"W/\"".to_vec();
            for byte in hash.iter().take(TAG) {
                // Into memory: this can't fail.
                _ = write!(tag, "{byte:02x}");
            }
            tag.push(b'"');
            tag.into()
        })
    }

    /// How many bytes it comes to at the most, packed form included.
    pub fn weight(&self) -> usize {
        self.body.len() + self.body.len() / 2
    }
}

fn pack(body: &[u8]) -> Option<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(body).ok()?;
    let packed = gzip.finish().ok()?;
    // What is kept must not weigh more than was reckoned with.
    (packed.len() <= body.len() / 2).then(|| packed.into_boxed_slice().into())
}
