//! The request body, given to the parser in pieces. The parser would otherwise read everything available.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};

/// The error of a body stream.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The maximum size of a piece in bytes.
const MAX_PIECE: usize = 64 << 10;

/// The body of a request. Clones share it.
#[derive(Clone)]
pub struct Source(Arc<Mutex<Body>>);

struct Body {
    stream: BoxStream<'static, Result<Bytes, BoxError>>,
    /// The rest of the last chunk.
    rest: Bytes,
    availability: Availability,
    /// The number of bytes given to the parser.
    given_bytes: usize,
    /// Whether the body was read completely or failed.
    ended: bool,
}

/// The data available to the parser.
#[derive(Clone, Copy)]
enum Availability {
    /// One piece.
    Open,
    /// Nothing before the next round.
    Closed,
    /// Nothing before the client sends more.
    NeedsData,
}

/// The effect of a parser round on the body.
pub enum ParseStep {
    /// The parser read this many bytes and can continue.
    Consumed(usize),
    /// The client must send more.
    NeedsData,
    /// The parser did not read.
    Idle,
}

impl Source {
    /// Creates the body from a stream.
    pub fn new<E>(stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Self
    where
        E: Into<BoxError>,
    {
        Self(Arc::new(Mutex::new(Body {
            stream: stream.map(|chunk| chunk.map_err(Into::into)).boxed(),
            rest: Bytes::new(),
            availability: Availability::Closed,
            given_bytes: 0,
            ended: false,
        })))
    }

    /// Runs a parser round with at most one piece. Returns the parser's result and the effect on the body.
    pub fn parse_step<T>(&self, parse: impl FnOnce() -> T) -> (T, ParseStep) {
        let before = {
            let mut body = self.lock();
            body.availability = Availability::Open;
            body.given_bytes
        };
        let found = parse();
        let body = self.lock();
        let parse_step = match body.availability {
            Availability::Open => ParseStep::Idle,
            Availability::NeedsData => ParseStep::NeedsData,
            Availability::Closed => ParseStep::Consumed(body.given_bytes - before),
        };
        (found, parse_step)
    }

    fn lock(&self) -> MutexGuard<'_, Body> {
        // No operation under the lock can leave it inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        if !self.rest.is_empty() {
            let piece = self.rest.len().min(MAX_PIECE);
            return Poll::Ready(Some(Ok(self.rest.split_to(piece))));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        match pin!(&mut self.stream).poll_next(cx) {
            Poll::Ready(Some(Ok(mut chunk))) => {
                self.rest = chunk.split_off(chunk.len().min(MAX_PIECE));
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(end) => {
                self.ended = true;
                Poll::Ready(end)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Stream for Source {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.lock();
        match body.availability {
            Availability::Open => body.availability = Availability::Closed,
            // The caller of the round starts the next one.
            Availability::Closed | Availability::NeedsData => return Poll::Pending,
        }
        let chunk = body.poll_chunk(cx);
        match &chunk {
            Poll::Ready(Some(Ok(chunk))) => body.given_bytes += chunk.len(),
            Poll::Ready(_) => {}
            Poll::Pending => body.availability = Availability::NeedsData,
        }
        chunk
    }
}
