//! The bytes of one push: how far they are read, and what is kept of them.

use bytes::{Bytes, BytesMut};

static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// Pieces smaller than this on the average are copied together.
const SMALL: usize = 512;

pub struct Stream {
    input: Bytes,
    /// What is kept and not among `kept` yet begins here.
    from: usize,
    at: usize,
    kept: Vec<Bytes>,
}

/// The next few bytes of a stream.
pub struct Next<const N: usize> {
    pub bytes: [u8; N],
    /// Whether they still stand in the stream, or were gathered from several pushes.
    in_place: bool,
}

impl Stream {
    pub fn new(input: Bytes) -> Self {
        Self {
            input,
            from: 0,
            at: 0,
            kept: Vec::new(),
        }
    }

    /// Puts what was kept of bytes before these in front.
    pub fn begin_with(&mut self, before: Vec<Bytes>) {
        self.kept.splice(..0, before);
    }

    /// What is not read yet.
    pub fn rest(&self) -> &[u8] {
        &self.input[self.at..]
    }

    /// Passes bytes on.
    pub fn keep(&mut self, count: usize) {
        self.at += count;
    }

    /// Leaves bytes out.
    pub fn skip(&mut self, count: usize) {
        self.flush();
        self.at += count;
        self.from = self.at;
    }

    /// Adds bytes of our own.
    pub fn put(&mut self, bytes: &[u8]) {
        self.flush();
        self.kept.push(Bytes::copy_from_slice(bytes));
    }

    /// Adds zeros, and returns them.
    pub fn put_zeros(&mut self, mut count: usize) -> &[Bytes] {
        self.flush();
        let first = self.kept.len();
        while count > 0 {
            let piece = count.min(ZEROS.len());
            self.kept.push(Bytes::from_static(&ZEROS[..piece]));
            count -= piece;
        }
        &self.kept[first..]
    }

    /// Takes bytes off the stream until `held` has so many; false when the stream ends before.
    pub fn gather(&mut self, held: &mut Vec<u8>, wanted: usize) -> bool {
        let rest = self.rest();
        let count = wanted.saturating_sub(held.len()).min(rest.len());
        if count > 0 {
            held.extend_from_slice(&rest[..count]);
            self.skip(count);
        }
        held.len() >= wanted
    }

    /// The next bytes, to be kept or dropped; `held` carries them over the end of a push.
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

    /// All that is kept.
    pub fn finish(mut self) -> Vec<Bytes> {
        self.flush();
        let total: usize = self.kept.iter().map(Bytes::len).sum();
        if self.kept.len() < 2 || total / self.kept.len() >= SMALL {
            return self.kept;
        }
        let mut joined = BytesMut::with_capacity(total);
        for piece in &self.kept {
            joined.extend_from_slice(piece);
        }
        vec![joined.freeze()]
    }

    fn flush(&mut self) {
        if self.from < self.at {
            self.kept.push(self.input.slice(self.from..self.at));
        }
        self.from = self.at;
    }
}
