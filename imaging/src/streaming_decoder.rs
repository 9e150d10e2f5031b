//! Decodes an image while it is received, so that it need not be read again.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};
use std::thread;

use bytes::{Buf, Bytes};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::sizes::{Downscaled, downscale};
use super::{Failure, Header, Limits};

/// The decoder of one image, on its own thread. Dropping it stops the thread.
#[derive(Debug)]
pub struct StreamingDecoder {
    parts: mpsc::Sender<Bytes>,
    result: oneshot::Receiver<Result<Downscaled, Failure>>,
}

impl StreamingDecoder {
    /// Starts a decoder. Returns `None` when no thread can be started.
    pub(super) fn start(
        header: Header,
        limits: Limits,
        place: OwnedSemaphorePermit,
    ) -> Option<Self> {
        let (parts, feed) = mpsc::channel(1);
        let (done, result) = oneshot::channel();
        let work = move || {
            let mut feed = PartReader {
                parts: feed,
                part: Bytes::new(),
                place: 0,
            };
            // The receiver may have been dropped.
            _ = done.send(downscale(header, &mut feed, limits));
            drop(place);
        };
        let thread = thread::Builder::new().name("pictures".to_owned());
        thread.spawn(work).ok()?;
        Some(Self { parts, result })
    }

    /// Passes the next bytes to the decoder. Waits while one part is being decoded and another one is queued.
    ///
    /// # Errors
    /// When the decoder has stopped with an error.
    pub async fn push(&mut self, part: Bytes) -> Result<(), Failure> {
        if self.parts.send(part).await.is_ok() {
            return Ok(());
        }
        (&mut self.result).await.map_err(|_| stopped())?.map(drop)
    }

    /// Returns the result after all bytes were pushed.
    ///
    /// # Errors
    /// As of [`examine`](super::examine).
    pub async fn finish(self) -> Result<Downscaled, Failure> {
        drop(self.parts);
        self.result.await.map_err(|_| stopped())?
    }
}

fn stopped() -> Failure {
    Failure::Io(io::Error::other("image decoder stopped"))
}

/// A blocking reader of the pushed bytes.
struct PartReader {
    parts: mpsc::Receiver<Bytes>,
    part: Bytes,
    place: u64,
}

impl BufRead for PartReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.part.is_empty() {
            // Released before waiting for the next part.
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

impl Read for PartReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

/// Seeks only to the current position: earlier bytes are gone.
impl Seek for PartReader {
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
