//! The state of one file variable of a request.

use std::collections::VecDeque;
use std::task::Waker;

use bytes::Bytes;

use super::parts::Head;
use crate::core::error::Error;

/// The memory overhead of a chunk in bytes; it makes many small chunks count.
const OVERHEAD: usize = 64;

/// The state of one file variable.
pub struct Slot {
    /// The name of the part.
    pub part: String,
    pub reader: Reader,
    /// The headers of the part once it has begun.
    pub head: Option<Head>,
    /// The number of bytes received.
    pub come: u64,
    /// The file before this one, if this reader has yielded once to let others open that file.
    pub deferred_to: Option<usize>,
    /// The received chunks that were not read yet.
    kept: VecDeque<Bytes>,
    /// The memory of these chunks.
    pub kept_bytes: usize,
    /// Whether all bytes were received.
    pub whole: bool,
    /// The waker of the reader.
    pub waker: Option<Waker>,
}

/// The reader of a file.
pub enum Reader {
    /// The file was not opened yet.
    None,
    /// The file was opened for the argument `field`, with a limit of `most` bytes.
    Reads { field: &'static str, most: u64 },
    /// The reader was dropped.
    Gone { field: &'static str, most: u64 },
}

impl Slot {
    pub fn new(part: String) -> Self {
        Self {
            part,
            reader: Reader::None,
            head: None,
            come: 0,
            deferred_to: None,
            kept: VecDeque::new(),
            kept_bytes: 0,
            whole: false,
            waker: None,
        }
    }

    pub fn keep(&mut self, chunk: Bytes) {
        self.kept_bytes += chunk.len() + OVERHEAD;
        self.kept.push_back(chunk);
    }

    pub fn next_kept(&mut self) -> Option<Bytes> {
        let chunk = self.kept.pop_front()?;
        self.kept_bytes -= chunk.len() + OVERHEAD;
        Some(chunk)
    }

    pub fn forget(&mut self) {
        self.kept = VecDeque::new();
        self.kept_bytes = 0;
    }

    /// Returns the error of a file that exceeds the limit of its reader.
    pub fn excess(&self) -> Option<Error> {
        let (Reader::Reads { field, most } | Reader::Gone { field, most }) = self.reader else {
            return None;
        };
        let message = || format!("The file is larger than {most} bytes.");
        (self.come > most).then(|| Error::too_large(Some(field), message()))
    }
}
