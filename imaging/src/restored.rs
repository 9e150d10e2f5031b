//! Distinguishes a JPEG that lacks only its end marker from a truncated one.
//!
//! It is decoded twice: with the marker restored, and with filler bytes before the marker. If no pixels are missing,
//! the decoder never reads the filler, and both results are equal. If pixels are missing, it decodes them from the
//! filler.

use std::io::{self, Read, Seek, SeekFrom};

use super::decode::checksum;
use super::source::ReadSeek;
use super::{Failure, Header, Limits, TRUNCATED};

/// The length of the marker.
const END_MARKER_BYTES: u64 = 2;
/// The length of the filler in the second attempt.
const FILLER_BYTES: u64 = 4096;

/// Checks a JPEG whose end marker was restored.
///
/// # Errors
/// `TRUNCATED` when pixels are missing, and when it can't be read.
pub fn check_restored(
    header: Header,
    reader: &mut dyn ReadSeek,
    limits: Limits,
) -> Result<(), Failure> {
    let length = reader.seek(SeekFrom::End(0)).map_err(Failure::Io)?;
    let content = length.saturating_sub(END_MARKER_BYTES);
    let mut sum = |filler: u64| {
        let mut source = WithFiller {
            reader: &mut *reader,
            content,
            length: content + filler + END_MARKER_BYTES,
            at: 0,
        };
        match checksum(header, &mut source, limits) {
            Err(Failure::Refused(_)) => Err(Failure::Refused(TRUNCATED)),
            other => other,
        }
    };
    if sum(0)? != sum(FILLER_BYTES)? {
        return Err(TRUNCATED.into());
    }
    reader.rewind().map_err(Failure::Io)
}

/// A JPEG with filler bytes between its content and its end marker.
struct WithFiller<'a> {
    reader: &'a mut dyn ReadSeek,
    content: u64,
    length: u64,
    at: u64,
}

impl Read for WithFiller<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let within = usize::try_from(self.content.saturating_sub(self.at)).unwrap_or(usize::MAX);
        if within > 0 {
            let count = within.min(out.len());
            self.reader.seek(SeekFrom::Start(self.at))?;
            let read = self.reader.read(&mut out[..count])?;
            self.at += read as u64;
            return Ok(read);
        }
        let mut count = 0;
        for byte in out {
            *byte = match self.length.checked_sub(self.at) {
                None | Some(0) => break,
                Some(1) => 0xD9,
                Some(2) => 0xFF,
                // Varied, and never 255.
                Some(left) => u8::try_from(left * 37 % 251).unwrap_or(0),
            };
            self.at += 1;
            count += 1;
        }
        Ok(count)
    }
}

impl Seek for WithFiller<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(position) => (position, 0),
            SeekFrom::Current(offset) => (self.at, offset),
            SeekFrom::End(offset) => (self.length, offset),
        };
        let moved = base.checked_add_signed(offset);
        self.at = moved.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
