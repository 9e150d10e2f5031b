//! The state of one file variable of a request.

use std::collections::VecDeque;
use std::task::Waker;

use bytes::Bytes;

use super::parts::PartHeaders;
use crate::core::error::Error;

/// The memory overhead of a chunk in bytes; it makes many small chunks count.
const OVERHEAD: usize = 64;

/// The state of one file variable.
pub struct FileVariable {
    /// The name of the part.
    pub part: String,
    pub reader: Reader,
    /// The headers of the part once it has begun.
    pub head: Option<PartHeaders>,
    /// The number of bytes received.
    pub received_bytes: u64,
    /// The file before this one, if this reader has yielded once to let others open that file.
    pub yielded_to: Option<usize>,
    /// The received chunks that were not read yet.
    buffered: VecDeque<Bytes>,
    /// The memory of these chunks.
    pub buffered_bytes: usize,
    /// Whether all bytes were received.
    pub is_complete: bool,
    /// The waker of the reader.
    pub waker: Option<Waker>,
}

/// The reader of a file.
pub enum Reader {
    /// The file was not opened yet.
    None,
    /// The file was opened for the argument `field`, with a limit of `max` bytes.
    Reads { field: &'static str, max: u64 },
    /// The reader was dropped.
    Dropped { field: &'static str, max: u64 },
}

impl FileVariable {
    pub fn new(part: String) -> Self {
        Self {
            part,
            reader: Reader::None,
            head: None,
            received_bytes: 0,
            yielded_to: None,
            buffered: VecDeque::new(),
            buffered_bytes: 0,
            is_complete: false,
            waker: None,
        }
    }

    pub fn buffer(&mut self, chunk: Bytes) {
        self.buffered_bytes += chunk.len() + OVERHEAD;
        self.buffered.push_back(chunk);
    }

    pub fn next_buffered(&mut self) -> Option<Bytes> {
        let chunk = self.buffered.pop_front()?;
        self.buffered_bytes -= chunk.len() + OVERHEAD;
        Some(chunk)
    }

    pub fn clear_buffer(&mut self) {
        self.buffered = VecDeque::new();
        self.buffered_bytes = 0;
    }

    /// Returns the error of a file that exceeds the limit of its reader.
    pub fn size_error(&self) -> Option<Error> {
        let (Reader::Reads { field, max } | Reader::Dropped { field, max }) = self.reader else {
            return None;
        };
        let message = || format!("The file is larger than {max} bytes.");
        (self.received_bytes > max).then(|| Error::too_large(Some(field), message()))
    }
}
