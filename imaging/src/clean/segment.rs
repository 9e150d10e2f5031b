//! Segments of a JPEG.

use crate::{DAMAGED, Refusal, refusal};

use super::stream::Stream;

pub const UNSUPPORTED_JPEG: Refusal = refusal(
    "This kind of JPEG is not supported. Save the image as a standard JPEG: baseline or progressive, with 8 bits per channel.",
);

/// Returns width and height from the frame segment. Checks its precision and number of components.
pub fn frame_size(held: &[u8]) -> Result<(u32, u32), Refusal> {
    let [bits, h1, h2, w1, w2, components, rest @ ..] = held else {
        return Err(DAMAGED);
    };
    if rest.len() != usize::from(*components) * 3 {
        return Err(DAMAGED);
    }
    if *bits != 8 || !matches!(components, 1 | 3 | 4) {
        return Err(UNSUPPORTED_JPEG);
    }
    let width = u32::from(u16::from_be_bytes([*w1, *w2]));
    let height = u32::from(u16::from_be_bytes([*h1, *h2]));
    Ok((width, height))
}

/// Whether a byte after 255 is part of the coded pixels: 0 escapes 255, and restart markers belong to the pixels.
pub fn is_pixel_data(code: u8) -> bool {
    matches!(code, 0x00 | 0xD0..=0xD7)
}

/// Writes the marker and the length of a segment.
pub fn write_segment_head(code: u8, length: usize, stream: &mut Stream) {
    // Lengths are read from 16 bits and never increased.
    let [high, low] = u16::try_from(length + 2).unwrap_or(u16::MAX).to_be_bytes();
    stream.put(&[0xFF, code, high, low]);
}
