//! The packed pixels of a PNG: finds their end, because anything could stand behind it.

use std::fmt;

use flate2::{Decompress, FlushDecompress, Status};

use crate::infra::image::{DAMAGED, Refusal};

/// Bytes that are unpacked at once. They are not kept.
const WINDOW: usize = 16 << 10;

/// The bytes of zlib's header, and of the checksum behind the packed bytes (RFC 1950). Decoders overlook a wrong one.
const HEADER: usize = 2;
const CHECKSUM: usize = 4;

/// Follows a zlib stream through its chunks.
pub struct PackedPixels {
    inflater: Decompress,
    window: Vec<u8>,
    /// The bytes of pixels that are still to come.
    left: u64,
    /// The bytes that are still to come before the packed ones, and behind them.
    header: usize,
    checksum: usize,
    unpacked: bool,
}

impl fmt::Debug for PackedPixels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PackedPixels")
    }
}

impl PackedPixels {
    /// For pixels of so many bytes.
    pub fn new(length: u64) -> Self {
        Self {
            inflater: Decompress::new(false),
            window: vec![0; WINDOW],
            left: length,
            header: HEADER,
            checksum: CHECKSUM,
            unpacked: false,
        }
    }

    /// Whether the end of the stream was read.
    pub fn has_ended(&self) -> bool {
        self.unpacked && self.checksum == 0
    }

    /// Returns the number of these bytes that belong to the stream.
    ///
    /// # Errors
    /// When they are no zlib stream, or one of more than the pixels.
    pub fn push(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut used = self.header.min(bytes.len());
        self.header -= used;
        while !self.unpacked {
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
                Ok(Status::StreamEnd) => self.unpacked = true,
                Ok(_) if used == bytes.len() && written < WINDOW as u64 => break,
                Ok(_) if read == 0 && written == 0 => break,
                Ok(_) => {}
                Err(_) => return Err(DAMAGED),
            }
        }
        if self.unpacked {
            let behind = self.checksum.min(bytes.len() - used);
            self.checksum -= behind;
            used += behind;
        }
        Ok(used)
    }
}

/// The bytes of all pixels with their filters, packed together by rows; of an interlaced picture in seven passes.
pub fn unpacked_length((width, height): (u32, u32), bits: u32, interlaced: bool) -> u64 {
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
