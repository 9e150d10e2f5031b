//! What is known of one file of a request.

use std::collections::VecDeque;
use std::task::Waker;

use bytes::Bytes;

use super::parts::Head;
use crate::core::error::Error;

/// What a chunk takes beside its bytes: many small ones count too.
const OVERHEAD: usize = 64;

/// What is known of one file.
pub struct Slot {
    /// The name of its part.
    pub part: String,
    pub reader: Reader,
    /// What its part says of itself, once it has begun.
    pub head: Option<Head>,
    /// How many bytes of it have come.
    pub come: u64,
    /// The file that is before it, if its reader has given others the time to ask for that.
    pub deferred_to: Option<usize>,
    /// What has come and was not asked for yet.
    kept: VecDeque<Bytes>,
    /// How much memory that takes.
    pub kept_bytes: usize,
    /// Whether all of it has come.
    pub whole: bool,
    /// Who waits for it.
    pub waker: Option<Waker>,
}

/// Who reads a file.
pub enum Reader {
    /// Nobody has asked for it yet.
    None,
    /// Somebody; for the argument `field`, up to `most` bytes.
    Reads { field: &'static str, most: u64 },
    /// Whoever asked for it has lost interest.
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

    /// The refusal of a file that is larger than its reader takes.
    pub fn excess(&self) -> Option<Error> {
        let (Reader::Reads { field, most } | Reader::Gone { field, most }) = self.reader else {
            return None;
        };
        let message = || format!("The file is larger than {most} bytes.");
        (self.come > most).then(|| Error::too_large(Some(field), message()))
    }
}
