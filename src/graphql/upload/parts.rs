//! The parts of a multipart body in order, with limits that the parser lacks.

use std::pin::pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use futures_util::future::poll_fn;
use multer::{Field, Multipart};

use super::source::{ParseStep, Source};
use super::transfer_timeout::TransferTimeout;
use crate::core::error::{Error, Result};

/// The maximum number of bytes before a part begins: preamble, boundary and headers.
const MAX_HEAD: usize = 32 << 10;

/// The limits of an upload.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum number of files of a request.
    pub files: usize,
    /// The maximum number of bytes of files buffered until they are opened, because the operation opens another file
    /// first.
    pub waiting: usize,
    /// The maximum number of buffered bytes of a file for several variables, while one of them is read.
    pub shared: usize,
    /// The initial timeout without data. Received bytes extend it, up to three times its length.
    pub initial_timeout: Duration,
    /// The minimum average transfer rate in bytes per second.
    pub min_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 5,
            waiting: 256 << 10,
            shared: 8 << 20,
            initial_timeout: Duration::from_secs(10),
            min_rate: 8_000,
        }
    }
}

/// The headers of a part. Untrusted.
#[derive(Clone, Debug)]
pub struct PartHeaders {
    /// The name of the part.
    pub name: String,
    /// The name of its file.
    pub file_name: Option<String>,
    /// Its media type, without parameters.
    pub content_type: Option<String>,
}

/// The parts of a body.
pub struct Parts {
    source: Source,
    multipart: Multipart<'static>,
    /// The part being read.
    field: Option<Field<'static>>,
    /// The number of bytes received since the end of the last part.
    head: usize,
    transfer_timeout: TransferTimeout,
}

impl Parts {
    /// Creates the parts of a body with this boundary.
    pub fn new(source: Source, boundary: &str, limits: &Limits) -> Self {
        Self {
            multipart: Multipart::new(source.clone(), boundary),
            source,
            field: None,
            head: 0,
            transfer_timeout: TransferTimeout::new(limits.initial_timeout, limits.min_rate),
        }
    }

    /// Returns the next part, or `None` at the end. The previous part must have been read.
    ///
    /// # Errors
    /// If the body is malformed, incomplete or too slow.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<PartHeaders>>> {
        self.field = None;
        let multipart = &mut self.multipart;
        let parse = |cx: &mut Context<'_>| multipart.poll_next_field(cx);
        let head = Some(&mut self.head);
        let next = run(&self.source, &mut self.transfer_timeout, head, cx, parse);
        let Some(field) = ready!(next)? else {
            return Poll::Ready(Ok(None));
        };
        self.head = 0;
        let Some(name) = field.name() else {
            return Poll::Ready(Err(Error::BadRequest("A part of the body has no name.")));
        };
        let head = PartHeaders {
            name: name.to_owned(),
            file_name: field.file_name().map(ToOwned::to_owned),
            content_type: field
                .content_type()
                .map(|kind| kind.essence_str().to_owned()),
        };
        self.field = Some(field);
        Poll::Ready(Ok(Some(head)))
    }

    /// Returns the next bytes of the part, or `None` at its end.
    ///
    /// # Errors
    /// If the body is malformed, incomplete or too slow.
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        loop {
            let Some(field) = &mut self.field else {
                return Poll::Ready(Ok(None));
            };
            let parse = |cx: &mut Context<'_>| {
                let chunk = ready!(pin!(&mut *field).poll_next(cx));
                Poll::Ready(chunk.transpose())
            };
            let chunk = ready!(run(
                &self.source,
                &mut self.transfer_timeout,
                None,
                cx,
                parse
            ))?;
            match chunk {
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => return Poll::Ready(Ok(Some(chunk))),
                None => self.field = None,
            }
        }
    }

    /// Reads the next part, which must have this name and at most `max` bytes, into memory.
    ///
    /// # Errors
    /// If the part has another name or is too large, and the errors of [`poll_chunk`](Self::poll_chunk).
    pub async fn text(&mut self, name: &str, max: usize) -> Result<Bytes> {
        let head = poll_fn(|cx| self.poll_next(cx)).await?;
        if head.is_none_or(|head| head.name != name) {
            let message = "A multipart request must begin with the parts `operations` and `map`, in this order.";
            return Err(Error::BadRequest(message));
        }
        let mut text = BytesMut::new();
        while let Some(chunk) = poll_fn(|cx| self.poll_chunk(cx)).await? {
            if text.len() + chunk.len() > max {
                let message = format!("The part `{name}` is larger than {max} bytes.");
                return Err(Error::too_large(None, message));
            }
            text.extend_from_slice(&chunk);
        }
        Ok(text.freeze())
    }

    /// Returns whether a part was begun and not read to its end.
    pub const fn is_inside(&self) -> bool {
        self.field.is_some()
    }

    /// Records that no reader waits for the client.
    pub fn pause(&mut self) {
        self.transfer_timeout.pause();
    }
}

/// Parses until there is a result or more data is needed. `head` counts the bytes consumed where they are limited,
/// because the parser buffers them.
fn run<T>(
    source: &Source,
    transfer_timeout: &mut TransferTimeout,
    mut head: Option<&mut usize>,
    cx: &mut Context<'_>,
    mut parse: impl FnMut(&mut Context<'_>) -> Poll<multer::Result<T>>,
) -> Poll<Result<T>> {
    loop {
        let (found, parse_step) = source.parse_step(|| parse(cx));
        if let ParseStep::Consumed(bytes) = parse_step {
            transfer_timeout.record_bytes(bytes);
            if let Some(head) = &mut head {
                **head += bytes;
            }
        }
        match (found, parse_step) {
            (Poll::Ready(found), _) => return Poll::Ready(found.map_err(|error| refusal(&error))),
            (Poll::Pending, ParseStep::NeedsData) if transfer_timeout.poll_expired(cx) => {
                return Poll::Ready(Err(Error::RequestTimeout));
            }
            (Poll::Pending, ParseStep::NeedsData) => return Poll::Pending,
            (Poll::Pending, ParseStep::Idle) => return Poll::Ready(Err(malformed())),
            (Poll::Pending, ParseStep::Consumed(_))
                if head.as_ref().is_some_and(|head| **head > MAX_HEAD) =>
            {
                return Poll::Ready(Err(malformed()));
            }
            (Poll::Pending, ParseStep::Consumed(_)) => {}
        }
    }
}

fn malformed() -> Error {
    Error::BadRequest("The body is not valid multipart/form-data.")
}

fn refusal(error: &multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(_) => {
            Error::BadRequest("The connection was closed before the end of the body.")
        }
        multer::Error::IncompleteStream | multer::Error::IncompleteFieldData { .. } => {
            Error::BadRequest("The body ends before its last boundary, or a boundary is malformed.")
        }
        _ => malformed(),
    }
}
