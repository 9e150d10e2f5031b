//! The colour profile of a PNG, which is packed.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use crate::infra::image::MAX_PROFILE;

use super::super::profile::clean;

/// In the place of the name that the profile came under.
const NAME: &[u8] = b"ICC\0";
const MAX_NAME: usize = 80;
/// The method of packing, of which there is one.
const ZLIB: u8 = 0;
/// Bytes that are unpacked at once.
const STEP: usize = 64 << 10;

/// Returns the body of a chunk as it is kept; `None` if it holds no usable profile.
pub fn clean_profile(body: &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memchr(0, body).filter(|end| *end < MAX_NAME)?;
    let (method, packed) = body.get(end + 1..)?.split_first()?;
    if *method != ZLIB {
        return None;
    }
    let (profile, used) = unpack(packed)?;
    let kept = clean(profile.clone())?;
    let mut body = [NAME, &[ZLIB]].concat();
    if kept == profile && used == packed.len() {
        body.extend_from_slice(packed);
        return Some(body);
    }
    let mut encoder = ZlibEncoder::new(body, Compression::best());
    encoder.write_all(&kept).ok()?;
    encoder.finish().ok()
}

/// Unpacks at most as much as a profile may have. Returns the profile and the number of bytes that it was packed into.
fn unpack(packed: &[u8]) -> Option<(Vec<u8>, usize)> {
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
