//! A reader for decoders, which seek by small distances and report read errors as invalid images.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

const BUFFER: usize = 64 * 1024;

/// The content of an image. A trait object, so that the decoders are compiled and optimized in this crate.
pub trait ReadSeek: Read + Seek {}

impl<R: Read + Seek> ReadSeek for R {}

/// A buffered reader that retains its buffer over short seeks and stores the first read error.
pub struct SeekBuffer<'a> {
    reader: &'a mut dyn ReadSeek,
    buffer: Vec<u8>,
    /// The position of the buffer in the file, and of the next byte in the buffer.
    start: u64,
    at: usize,
    /// The position of the inner reader.
    reader_at: u64,
    /// Determined by the first seek from the end.
    length: Option<u64>,
    read_error: Option<io::Error>,
}

impl<'a> SeekBuffer<'a> {
    /// Reads from the current position of `reader`.
    pub fn new(reader: &'a mut dyn ReadSeek) -> io::Result<Self> {
        let reader_at = reader.stream_position()?;
        Ok(Self {
            reader,
            buffer: Vec::with_capacity(BUFFER),
            start: reader_at,
            at: 0,
            reader_at,
            length: None,
            read_error: None,
        })
    }

    /// Takes the first error of the inner reader.
    pub fn read_error(&mut self) -> Option<io::Error> {
        self.read_error.take()
    }

    fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    fn fill(&mut self) -> io::Result<()> {
        let position = self.position();
        if self.reader_at != position {
            self.reader_at = self.reader.seek(SeekFrom::Start(position))?;
        }
        self.buffer.resize(BUFFER, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        (self.start, self.at) = (position, 0);
        self.buffer.truncate(*read.as_ref().unwrap_or(&0));
        self.reader_at += read? as u64;
        Ok(())
    }

    fn end(&mut self) -> io::Result<u64> {
        if let Some(length) = self.length {
            return Ok(length);
        }
        let length = self.reader.seek(SeekFrom::End(0))?;
        self.reader_at = length;
        self.length = Some(length);
        Ok(length)
    }

    fn record<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.read_error.get_or_insert(error);
            kind.into()
        })
    }
}

impl Read for SeekBuffer<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let buffered = self.fill_buf()?;
        let count = buffered.len().min(out.len());
        out[..count].copy_from_slice(&buffered[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for SeekBuffer<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.buffer.len() {
            let filled = self.fill();
            self.record(filled)?;
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.buffer.len());
    }
}

impl Seek for SeekBuffer<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(position) => (position, 0),
            SeekFrom::Current(offset) => (self.position(), offset),
            SeekFrom::End(offset) => {
                let end = self.end();
                (self.record(end)?, offset)
            }
        };
        // A position before the start is an error of the image, not of the reader.
        let position = base
            .checked_add_signed(offset)
            .ok_or(io::ErrorKind::InvalidInput)?;
        match position.checked_sub(self.start) {
            Some(at) if at <= self.buffer.len() as u64 => {
                self.at = usize::try_from(at).unwrap_or(usize::MAX);
            }
            _ => {
                self.buffer.clear();
                (self.start, self.at) = (position, 0);
            }
        }
        Ok(position)
    }
}
