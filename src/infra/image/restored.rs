//! Tells a JPEG that lacks only its end marker from one that is cut off.
//!
//! It is decoded twice: with the marker put back, and with other bytes before the marker. If no pixel is missing, the
//! decoder has read all of them before it comes to these bytes, and finds the same. If pixels are missing, it reads them
//! from there.

use std::io::{self, Read, Seek, SeekFrom};

use super::decode::checksum;
use super::{CUT_OFF, Failure, Header, Limits};

/// The marker.
const END: u64 = 2;
/// The bytes before it in the second try.
const FILLING: u64 = 4096;

/// Checks a JPEG whose end marker was put back.
///
/// # Errors
/// `CUT_OFF` when pixels are missing, and when it can't be read.
pub fn check_restored(
    header: Header,
    mut reader: impl Read + Seek,
    limits: Limits,
) -> Result<(), Failure> {
    let length = reader.seek(SeekFrom::End(0)).map_err(Failure::Io)?;
    let content = length.saturating_sub(END);
    let mut sum = |filling: u64| {
        let source = Refilled {
            reader: &mut reader,
            content,
            length: content + filling + END,
            at: 0,
        };
        match checksum(header, source, limits) {
            Err(Failure::Refused(_)) => Err(Failure::Refused(CUT_OFF)),
            other => other,
        }
    };
    if sum(0)? != sum(FILLING)? {
        return Err(CUT_OFF.into());
    }
    reader.rewind().map_err(Failure::Io)
}

/// A JPEG with other bytes between its content and its end marker.
struct Refilled<R> {
    reader: R,
    content: u64,
    length: u64,
    at: u64,
}

impl<R: Read + Seek> Read for Refilled<R> {
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
                // Anything but 255, and varied.
                Some(left) => u8::try_from(left * 37 % 251).unwrap_or(0),
            };
            self.at += 1;
            count += 1;
        }
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for Refilled<R> {
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
