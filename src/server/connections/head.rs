//! The limits of a request's head in HTTP/1.1: its memory, and the length of its first line.

use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::api::http::memory::{ALLOWANCE, ConnectionMemory, Reservation};

/// The maximum size of a head, in bytes.
pub const MAX_HEAD: usize = MAX_LINE + (8 << 10);
/// The maximum length of the request line in bytes: a URL of 64 KiB, plus method and version.
const MAX_LINE: usize = (64 << 10) + 64;

/// The responses to heads that are not read completely.
const URI_TOO_LONG: &[u8] =
    b"HTTP/1.1 414 URI Too Long\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const NO_MEMORY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

/// The head being read.
pub struct Head {
    memory: ConnectionMemory,
    waiting: Option<BoxFuture<'static, Option<Reservation>>>,
    reservation: Option<Reservation>,
    /// Whether the request line is complete.
    has_line: bool,
}

impl Head {
    pub const fn new(memory: ConnectionMemory) -> Self {
        Self {
            memory,
            waiting: None,
            reservation: None,
            has_line: false,
        }
    }

    /// Waits until more of the head may be read, of which `length` bytes were read. Returns the number of bytes that
    /// may be read, or the response if the head is refused.
    pub fn poll_more(
        &mut self,
        length: usize,
        context: &mut Context<'_>,
    ) -> Poll<Result<usize, &'static [u8]>> {
        if length == 0 {
            self.reset();
        }
        if length < ALLOWANCE {
            return Poll::Ready(Ok(ALLOWANCE - length));
        }
        if !self.has_line && length >= MAX_LINE {
            return Poll::Ready(Err(URI_TOO_LONG));
        }
        if self.reservation.is_none() {
            let memory = &self.memory;
            let waiting = self.waiting.get_or_insert_with(|| {
                let reserved = memory.clone().reserve_head(MAX_HEAD - ALLOWANCE);
                reserved.boxed()
            });
            self.reservation = ready!(waiting.as_mut().poll(context));
            self.waiting = None;
        }
        if self.reservation.is_none() {
            return Poll::Ready(Err(NO_MEMORY));
        }
        let end = if self.has_line { MAX_HEAD } else { MAX_LINE };
        Poll::Ready(Ok(end.saturating_sub(length).max(1)))
    }

    /// Records bytes that were read.
    pub fn read(&mut self, bytes: &[u8]) {
        self.has_line = self.has_line || memchr::memchr(b'\n', bytes).is_some();
    }

    /// Releases the memory of the head.
    pub fn reset(&mut self) {
        self.waiting = None;
        self.reservation = None;
        self.has_line = false;
    }
}
