//! Bodies and checksums of PNG chunks.

use crc32fast::Hasher;

use crate::{ANIMATED, DAMAGED, Orientation, Refusal};

use super::super::stream::Stream;
use super::profile::clean_profile;
use super::{ANIMATION, MAX_EXIF, Name, Png, State};

impl Png {
    /// Reads the orientation from an EXIF block.
    pub(super) fn exif(&mut self, left: usize, stream: &mut Stream) -> bool {
        if !stream.gather(&mut self.held, left.min(MAX_EXIF)) {
            return false;
        }
        let held = std::mem::take(&mut self.held);
        self.hasher.update(&held);
        let orientation = Orientation::read(&held);
        self.orientation.get_or_insert(orientation);
        let left = left - held.len();
        self.state = State::Body { left, keep: false };
        true
    }

    /// Reads the number of frames. An animation with a single frame is a still image.
    pub(super) fn animation(&mut self, left: usize, stream: &mut Stream) -> Result<bool, Refusal> {
        if !stream.gather(&mut self.held, left.min(ANIMATION)) {
            return Ok(false);
        }
        let held = std::mem::take(&mut self.held);
        self.hasher.update(&held);
        if held.first_chunk() != Some(&1_u32.to_be_bytes()) {
            return Err(ANIMATED);
        }
        let left = left - held.len();
        self.state = State::Body { left, keep: false };
        Ok(true)
    }

    /// Reads a colour profile. The cleaned profile is written after the checksum.
    pub(super) fn profile(&mut self, length: usize, stream: &mut Stream) -> bool {
        if !stream.gather(&mut self.held, length) {
            return false;
        }
        let held = std::mem::take(&mut self.held);
        self.hasher.update(&held);
        self.profile = clean_profile(&held);
        self.state = State::Checksum { keep: false };
        true
    }

    /// Copies or drops the available bytes of a body. Returns whether the body is complete.
    pub(super) fn body(
        &mut self,
        left: usize,
        keep: bool,
        stream: &mut Stream,
    ) -> Result<bool, Refusal> {
        let count = left.min(stream.rest().len());
        let bytes = &stream.rest()[..count];
        let used = match &mut self.packed {
            Some(packed) if keep && self.name == *b"IDAT" => packed.push(bytes)?,
            _ => count,
        };
        if used < count && self.altered.is_none() {
            let mut hasher = self.hasher.clone();
            hasher.update(&bytes[..used]);
            self.altered = Some(hasher);
        }
        self.hasher.update(bytes);
        if keep {
            stream.keep(used);
            self.zero_surplus(count - used, stream);
        } else {
            stream.skip(count);
        }
        let left = left - count;
        self.state = if left == 0 {
            State::Checksum { keep }
        } else {
            State::Body { left, keep }
        };
        Ok(left == 0)
    }

    /// Replaces bytes after the pixels with zeros, because the length of their chunk was already written.
    fn zero_surplus(&mut self, count: usize, stream: &mut Stream) {
        if let Some(hasher) = &mut self.altered
            && count > 0
        {
            stream.skip(count);
            for piece in stream.put_zeros(count) {
                hasher.update(piece);
            }
        }
    }

    /// Verifies the checksum of a chunk and ends the chunk.
    pub(super) fn checksum(&mut self, keep: bool, stream: &mut Stream) -> Result<bool, Refusal> {
        let Some(next) = stream.next::<4>(&mut self.held) else {
            return Ok(false);
        };
        let hasher = std::mem::take(&mut self.hasher);
        if next.bytes != hasher.finalize().to_be_bytes() {
            return Err(DAMAGED);
        }
        match self.altered.take() {
            Some(altered) => {
                stream.skip_next(&next);
                stream.put(&altered.finalize().to_be_bytes());
            }
            None if keep => stream.keep_next(&next),
            None => stream.skip_next(&next),
        }
        self.state = State::Head;
        match &self.name {
            b"IEND" => self.state = State::Done,
            b"iCCP" => {
                if let Some(profile) = self.profile.take() {
                    put_chunk(*b"iCCP", &profile, stream);
                }
            }
            b"eXIf" => {
                let orientation = self.orientation.unwrap_or(Orientation::UPRIGHT);
                if orientation != Orientation::UPRIGHT && self.is_new(*b"eXIf") {
                    put_chunk(*b"eXIf", &orientation.block(), stream);
                }
            }
            _ => {}
        }
        Ok(true)
    }
}

fn put_chunk(name: Name, body: &[u8], stream: &mut Stream) {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut hasher = Hasher::new();
    hasher.update(&name);
    hasher.update(body);
    stream.put(&length.to_be_bytes());
    stream.put(&name);
    stream.put(body);
    stream.put(&hasher.finalize().to_be_bytes());
}
