//! The input and output of one push.

use bytes::{Bytes, BytesMut};

static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// Pieces with a smaller average size are merged.
const SMALL: usize = 512;

pub struct Stream {
    input: Bytes,
    /// The start of the retained input that is not in `output` yet.
    from: usize,
    at: usize,
    output: Vec<Bytes>,
}

/// The next few bytes of a stream.
pub struct Next<const N: usize> {
    pub bytes: [u8; N],
    /// Whether they are contiguous in the input, instead of gathered from several pushes.
    in_place: bool,
}

impl Stream {
    pub fn new(input: Bytes) -> Self {
        Self {
            input,
            from: 0,
            at: 0,
            output: Vec::new(),
        }
    }

    /// Inserts output of earlier input at the front.
    pub fn begin_with(&mut self, before: Vec<Bytes>) {
        self.output.splice(..0, before);
    }

    /// Returns the unread input.
    pub fn rest(&self) -> &[u8] {
        &self.input[self.at..]
    }

    /// Copies input to the output.
    pub fn keep(&mut self, count: usize) {
        self.at += count;
    }

    /// Drops input.
    pub fn skip(&mut self, count: usize) {
        self.flush();
        self.at += count;
        self.from = self.at;
    }

    /// Writes new bytes to the output.
    pub fn put(&mut self, bytes: &[u8]) {
        self.flush();
        self.output.push(Bytes::copy_from_slice(bytes));
    }

    /// Writes zeros to the output, and returns them.
    pub fn put_zeros(&mut self, mut count: usize) -> &[Bytes] {
        self.flush();
        let first = self.output.len();
        while count > 0 {
            let piece = count.min(ZEROS.len());
            self.output.push(Bytes::from_static(&ZEROS[..piece]));
            count -= piece;
        }
        &self.output[first..]
    }

    /// Moves input to `held` until it has `wanted` bytes. Returns false if the input ends before.
    pub fn gather(&mut self, held: &mut Vec<u8>, wanted: usize) -> bool {
        let rest = self.rest();
        let count = wanted.saturating_sub(held.len()).min(rest.len());
        if count > 0 {
            held.extend_from_slice(&rest[..count]);
            self.skip(count);
        }
        held.len() >= wanted
    }

    /// Reads the next bytes, to be kept or skipped. `held` buffers them across pushes.
    pub fn next<const N: usize>(&mut self, held: &mut Vec<u8>) -> Option<Next<N>> {
        if held.is_empty()
            && let Some(bytes) = self.rest().first_chunk()
        {
            return Some(Next {
                bytes: *bytes,
                in_place: true,
            });
        }
        if !self.gather(held, N) {
            return None;
        }
        let bytes = *held.first_chunk()?;
        held.clear();
        Some(Next {
            bytes,
            in_place: false,
        })
    }

    pub fn keep_next<const N: usize>(&mut self, next: &Next<N>) {
        if next.in_place {
            self.keep(N);
        } else {
            self.put(&next.bytes);
        }
    }

    pub fn skip_next<const N: usize>(&mut self, next: &Next<N>) {
        if next.in_place {
            self.skip(N);
        }
    }

    /// Returns the output.
    pub fn finish(mut self) -> Vec<Bytes> {
        self.flush();
        let total: usize = self.output.iter().map(Bytes::len).sum();
        if self.output.len() < 2 || total / self.output.len() >= SMALL {
            return self.output;
        }
        let mut joined = BytesMut::with_capacity(total);
        for piece in &self.output {
            joined.extend_from_slice(piece);
        }
        vec![joined.freeze()]
    }

    fn flush(&mut self) {
        if self.from < self.at {
            self.output.push(self.input.slice(self.from..self.at));
        }
        self.from = self.at;
    }
}
