//! Decoding a picture while it comes, so that it need not be read again.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};
use std::thread;

use bytes::{Buf, Bytes};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::sizes::{Shrunk, shrink};
use super::{Failure, Header, Limits};

/// The decoder of one picture, on a thread of its own. Dropped, it ends.
#[derive(Debug)]
pub struct Follower {
    parts: mpsc::Sender<Bytes>,
    result: oneshot::Receiver<Result<Shrunk, Failure>>,
}

impl Follower {
    /// None when no thread can be had.
    pub(super) fn start(
        header: Header,
        limits: Limits,
        place: OwnedSemaphorePermit,
    ) -> Option<Self> {
        let (parts, feed) = mpsc::channel(1);
        let (done, result) = oneshot::channel();
        let work = move || {
            let feed = Feed {
                parts: feed,
                part: Bytes::new(),
                place: 0,
            };
            // Nobody may be waiting any more.
            _ = done.send(shrink(header, feed, limits));
            drop(place);
        };
        let thread = thread::Builder::new().name("pictures".to_owned());
        thread.spawn(work).ok()?;
        Some(Self { parts, result })
    }

    /// Gives it the next bytes. Waits while it has one part before it and another one under way.
    ///
    /// # Errors
    /// When it has come to an end, because it can do nothing with them.
    pub async fn push(&mut self, part: Bytes) -> Result<(), Failure> {
        if self.parts.send(part).await.is_ok() {
            return Ok(());
        }
        (&mut self.result).await.map_err(|_| ended())?.map(drop)
    }

    /// What comes of all that it was given.
    ///
    /// # Errors
    /// As of [`examine`](super::examine).
    pub async fn finish(self) -> Result<Shrunk, Failure> {
        drop(self.parts);
        self.result.await.map_err(|_| ended())?
    }
}

fn ended() -> Failure {
    Failure::Io(io::Error::other("a decoder has ended"))
}

/// What is pushed, as a reader that waits for it.
struct Feed {
    parts: mpsc::Receiver<Bytes>,
    part: Bytes,
    place: u64,
}

impl BufRead for Feed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.part.is_empty() {
            // Let go before the next is waited for.
            self.part = Bytes::new();
            match self.parts.blocking_recv() {
                Some(part) => self.part = part,
                None => break,
            }
        }
        Ok(&self.part)
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.part.len());
        self.part.advance(count);
        self.place += count as u64;
    }
}

impl Read for Feed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

/// Only where it stands: what was read is gone.
impl Seek for Feed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let stays = match to {
            SeekFrom::Start(place) => place == self.place,
            SeekFrom::Current(offset) => offset == 0,
            SeekFrom::End(_) => false,
        };
        stays
            .then_some(self.place)
            .ok_or_else(|| ErrorKind::Unsupported.into())
    }
}
