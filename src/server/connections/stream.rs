//! The byte stream of a connection, with a timeout for clients that do not read.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::activity::Activity;
use super::draining::Draining;
use super::head::Head;
use crate::api::http::memory::ConnectionMemory;

/// The maximum number of bytes read at once, which are buffered while the handler is busy.
const MAX_READ: usize = 8 << 10;

/// A TCP stream that reports its activity.
pub struct Stream {
    inner: TcpStream,
    activity: Activity,
    head: Head,
    draining: Draining,
    /// Whether the head of a request was refused: further data is discarded.
    refused: bool,
    write_timeout: Duration,
    /// The write timeout, while the client does not read.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    /// Creates a stream that reports to `activity` and fails if a write makes no progress within the timeout.
    pub fn new(
        inner: TcpStream,
        activity: Activity,
        memory: ConnectionMemory,
        write_timeout: Duration,
    ) -> Self {
        Self {
            inner,
            activity,
            head: Head::new(memory),
            draining: Draining::default(),
            refused: false,
            write_timeout,
            stalled: None,
        }
    }

    /// Waits until reading is allowed. Returns the maximum number of bytes, or `None` if the head of a request was
    /// refused.
    fn poll_allowed(&mut self, context: &mut Context<'_>) -> Poll<Option<usize>> {
        if self.refused {
            return Poll::Ready(None);
        }
        let Some(length) = self.activity.head() else {
            return Poll::Ready(Some(MAX_READ));
        };
        match ready!(self.head.poll_more(length, context)) {
            Ok(allowed) => Poll::Ready(Some(allowed.min(MAX_READ))),
            Err(response) => {
                // No response is in progress, so the socket buffer accepts these few bytes.
                _ = self.inner.try_write(response);
                self.refused = true;
                Poll::Ready(None)
            }
        }
    }

    fn after_write(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            self.activity.record_write();
            return written;
        }
        self.activity.record_stall();
        let write_timeout = self.write_timeout;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(write_timeout)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = &mut *self;
        let Some(allowed) = ready!(stream.poll_allowed(context)) else {
            // Discards the rest of the connection.
            return stream.draining.poll_close(&mut stream.inner, context);
        };
        let before = buffer.filled().len();
        if allowed < buffer.remaining() {
            let mut limited = ReadBuf::new(buffer.initialize_unfilled_to(allowed));
            ready!(Pin::new(&mut stream.inner).poll_read(context, &mut limited))?;
            let count = limited.filled().len();
            buffer.advance(count);
        } else {
            ready!(Pin::new(&mut stream.inner).poll_read(context, buffer))?;
        }
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            stream.head.read(read);
            stream.activity.read(read.len());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.after_write(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, bytes);
        self.after_write(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = &mut *self;
        stream.draining.poll_close(&mut stream.inner, context)
    }
}
