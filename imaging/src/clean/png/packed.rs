//! Finds the end of a PNG's compressed pixels, because arbitrary data could follow it.

use std::fmt;

use flate2::{Decompress, FlushDecompress, Status};

use crate::{DAMAGED, Refusal};

/// The size of the buffer for decompressed bytes, which are discarded.
const WINDOW: usize = 16 << 10;

/// Lengths of zlib's header and of its checksum after the data (RFC 1950). Decoders ignore a wrong checksum.
const HEADER: usize = 2;
const CHECKSUM: usize = 4;

/// Decompresses a zlib stream across chunks.
pub struct CompressedPixels {
    inflater: Decompress,
    window: Vec<u8>,
    /// The number of remaining decompressed bytes.
    left: u64,
    /// The remaining bytes of the header and of the checksum.
    header: usize,
    checksum: usize,
    is_decompressed: bool,
}

impl fmt::Debug for CompressedPixels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PackedPixels")
    }
}

impl CompressedPixels {
    /// Expects pixels of `length` decompressed bytes.
    pub fn new(length: u64) -> Self {
        Self {
            inflater: Decompress::new(false),
            window: vec![0; WINDOW],
            left: length,
            header: HEADER,
            checksum: CHECKSUM,
            is_decompressed: false,
        }
    }

    /// Whether the end of the stream was read.
    pub fn has_ended(&self) -> bool {
        self.is_decompressed && self.checksum == 0
    }

    /// Returns the number of these bytes that belong to the stream.
    ///
    /// # Errors
    /// When they are not a zlib stream, or decompress to more bytes than expected.
    pub fn push(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut used = self.header.min(bytes.len());
        self.header -= used;
        while !self.is_decompressed {
            let before = (self.inflater.total_in(), self.inflater.total_out());
            let packed = &bytes[used..];
            let step = self
                .inflater
                .decompress(packed, &mut self.window, FlushDecompress::None);
            let read = self.inflater.total_in() - before.0;
            let written = self.inflater.total_out() - before.1;
            used += usize::try_from(read).map_err(|_| DAMAGED)?;
            self.left = self.left.checked_sub(written).ok_or(DAMAGED)?;
            match step {
                Ok(Status::StreamEnd) => self.is_decompressed = true,
                Ok(_) if used == bytes.len() && written < WINDOW as u64 => break,
                Ok(_) if read == 0 && written == 0 => break,
                Ok(_) => {}
                Err(_) => return Err(DAMAGED),
            }
        }
        if self.is_decompressed {
            let after = self.checksum.min(bytes.len() - used);
            self.checksum -= after;
            used += after;
        }
        Ok(used)
    }
}

/// Returns the decompressed size of all rows with their filter bytes; an interlaced image has seven passes.
pub fn decompressed_length((width, height): (u32, u32), bits: u32, interlaced: bool) -> u64 {
    let pass = |width: u32, height: u32| {
        let row = 1 + (u64::from(width) * u64::from(bits)).div_ceil(8);
        if width == 0 {
            0
        } else {
            row * u64::from(height)
        }
    };
    if !interlaced {
        return pass(width, height);
    }
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let steps = |length: u32, from: u32, step: u32| length.saturating_sub(from).div_ceil(step);
    let lengths =
        passes.map(|(x, y, right, down)| pass(steps(width, x, right), steps(height, y, down)));
    lengths.iter().sum()
}
