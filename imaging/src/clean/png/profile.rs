//! The compressed colour profile of a PNG.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use crate::MAX_PROFILE;

use super::super::profile::clean;

/// Replaces the original name of the profile.
const NAME: &[u8] = b"ICC\0";
const MAX_NAME: usize = 80;
/// The only compression method.
const ZLIB: u8 = 0;
/// The number of bytes that are decompressed at once.
const STEP: usize = 64 << 10;

/// Returns the cleaned body of the chunk; `None` if it contains no usable profile.
pub fn clean_profile(body: &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memchr(0, body).filter(|end| *end < MAX_NAME)?;
    let (method, packed) = body.get(end + 1..)?.split_first()?;
    if *method != ZLIB {
        return None;
    }
    let (profile, used) = decompress(packed)?;
    let cleaned = clean(profile.clone())?;
    let mut body = [NAME, &[ZLIB]].concat();
    if cleaned == profile && used == packed.len() {
        body.extend_from_slice(packed);
        return Some(body);
    }
    let mut encoder = ZlibEncoder::new(body, Compression::best());
    encoder.write_all(&cleaned).ok()?;
    encoder.finish().ok()
}

/// Decompresses a profile up to the maximum size. Returns it with its compressed length.
fn decompress(packed: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut inflater = Decompress::new(true);
    let mut profile = Vec::new();
    loop {
        let used = usize::try_from(inflater.total_in()).ok()?;
        if profile.len() > MAX_PROFILE {
            return None;
        }
        profile.reserve(STEP);
        let rest = packed.get(used..)?;
        match inflater.decompress_vec(rest, &mut profile, FlushDecompress::Finish) {
            Ok(Status::StreamEnd) => {
                return Some((profile, usize::try_from(inflater.total_in()).ok()?));
            }
            Ok(_) if profile.len() < profile.capacity() => return None,
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}
