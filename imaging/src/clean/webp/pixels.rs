//! The pixels of a WebP file: a frame, and the headers of lossy and lossless data.

use super::{FRAME, Frames, SLACK, State, WebP};
use crate::clean::stream::Stream;
use crate::{DAMAGED, Refusal, refusal};

const PARTIAL_FRAME: Refusal = refusal(
    "The first frame of this animation does not cover the whole image. Save it as a still image.",
);

impl WebP {
    /// Reads a frame, which must cover the whole image: an animation with a single frame is a still image.
    pub(super) fn frame(&mut self, stream: &mut Stream) -> Result<bool, Refusal> {
        let Some(next) = stream.next::<FRAME>(&mut self.held) else {
            return Ok(false);
        };
        let [x1, x2, x3, y1, y2, y3, w1, w2, w3, h1, h2, h3, ..] = next.bytes;
        let width = u32::from_le_bytes([w1, w2, w3, 0]) + 1;
        let height = u32::from_le_bytes([h1, h2, h3, 0]) + 1;
        if [x1, x2, x3, y1, y2, y3] != [0; 6] || self.size != Some((width, height)) {
            return Err(PARTIAL_FRAME);
        }
        self.frames = Frames::Begun;
        stream.skip_next(&next);
        stream.put_zeros(FRAME);
        self.next_chunk()?;
        Ok(true)
    }

    pub(super) fn lossy(&mut self, left: usize, stream: &mut Stream) -> Result<bool, Refusal> {
        let Some(next) = stream.next::<10>(&mut self.held) else {
            return Ok(false);
        };
        let [tag, _, _, 0x9D, 0x01, 0x2A, w1, w2, h1, h2] = next.bytes else {
            return Err(DAMAGED);
        };
        // Not a key frame.
        if tag & 1 != 0 {
            return Err(DAMAGED);
        }
        let width = u32::from(u16::from_le_bytes([w1, w2]) & 0x3FFF);
        let height = u32::from(u16::from_le_bytes([h1, h2]) & 0x3FFF);
        self.pixels(width, height, left)?;
        stream.keep_next(&next);
        let left = left - 10;
        self.state = State::Body { left, keep: true };
        Ok(true)
    }

    pub(super) fn lossless(&mut self, left: usize, stream: &mut Stream) -> Result<bool, Refusal> {
        let Some(next) = stream.next::<5>(&mut self.held) else {
            return Ok(false);
        };
        let [0x2F, b1, b2, b3, b4] = next.bytes else {
            return Err(DAMAGED);
        };
        let bits = u32::from_le_bytes([b1, b2, b3, b4]);
        if bits >> 29 != 0 {
            return Err(DAMAGED);
        }
        self.pixels((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, left)?;
        stream.keep_next(&next);
        let left = left - 5;
        self.state = State::Body { left, keep: true };
        Ok(true)
    }

    pub(super) fn pixels(&mut self, width: u32, height: u32, length: usize) -> Result<(), Refusal> {
        if self.size.is_some_and(|size| size != (width, height)) {
            return Err(DAMAGED);
        }
        self.sized(width, height)?;
        self.has_pixels = true;
        self.check_length(length)
    }

    pub(super) fn sized(&mut self, width: u32, height: u32) -> Result<(), Refusal> {
        self.limits.check(width, height)?;
        self.size = Some((width, height));
        Ok(())
    }

    /// Limits the length of a pixel chunk, which decoders load into memory: no image needs more than its uncompressed
    /// pixels.
    pub(super) fn check_length(&self, length: usize) -> Result<(), Refusal> {
        let (width, height) = self.size.ok_or(DAMAGED)?;
        let max = u64::from(width) * u64::from(height) * 4 + SLACK;
        if length as u64 > max {
            return Err(DAMAGED);
        }
        Ok(())
    }
}
