//! The parts of a multipart body, one after another, within limits that the parser itself does not have.

use std::pin::pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use futures_util::future::poll_fn;
use multer::{Field, Multipart};

use super::pace::Pace;
use super::source::{Round, Source};
use crate::core::error::{Error, Result};

/// How many bytes may come before a part has begun: what stands before the first, a boundary, headers.
const MAX_HEAD: usize = 32 << 10;

/// The limits of an upload.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many files a request may have.
    pub files: usize,
    /// How many bytes of files wait in memory until they are asked for, because the operation asks for another one first.
    pub waiting: usize,
    /// The maximum number of bytes that are kept of files for several variables, while one of these is read.
    pub shared: usize,
    /// How long a client that sends nothing is waited for in the beginning. What it sends adds to it, up to three times
    /// as much.
    pub patience: Duration,
    /// How many bytes a second a client sends at least, on average.
    pub min_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 5,
            waiting: 256 << 10,
            shared: 8 << 20,
            patience: Duration::from_secs(10),
            min_rate: 8_000,
        }
    }
}

/// What a part says of itself. None of it is to be trusted.
#[derive(Clone, Debug)]
pub struct Head {
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
    /// The part that is being read.
    field: Option<Field<'static>>,
    /// How many bytes have come since the last part, without another one having begun.
    head: usize,
    pace: Pace,
}

impl Parts {
    /// The parts of a body between boundaries.
    pub fn new(source: Source, boundary: &str, limits: &Limits) -> Self {
        Self {
            multipart: Multipart::new(source.clone(), boundary),
            source,
            field: None,
            head: 0,
            pace: Pace::new(limits.patience, limits.min_rate),
        }
    }

    /// The next part; nothing at the end. The one before must have been read.
    ///
    /// # Errors
    /// A body that is malformed, breaks off or comes too slowly.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Head>>> {
        self.field = None;
        let multipart = &mut self.multipart;
        let parse = |cx: &mut Context<'_>| multipart.poll_next_field(cx);
        let head = Some(&mut self.head);
        let next = run(&self.source, &mut self.pace, head, cx, parse);
        let Some(field) = ready!(next)? else {
            return Poll::Ready(Ok(None));
        };
        self.head = 0;
        let Some(name) = field.name() else {
            return Poll::Ready(Err(Error::BadRequest("A part of the body has no name.")));
        };
        let head = Head {
            name: name.to_owned(),
            file_name: field.file_name().map(ToOwned::to_owned),
            content_type: field
                .content_type()
                .map(|kind| kind.essence_str().to_owned()),
        };
        self.field = Some(field);
        Poll::Ready(Ok(Some(head)))
    }

    /// The next bytes of the part; nothing at its end.
    ///
    /// # Errors
    /// A body that is malformed, breaks off or comes too slowly.
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        loop {
            let Some(field) = &mut self.field else {
                return Poll::Ready(Ok(None));
            };
            let parse = |cx: &mut Context<'_>| {
                let chunk = ready!(pin!(&mut *field).poll_next(cx));
                Poll::Ready(chunk.transpose())
            };
            let chunk = ready!(run(&self.source, &mut self.pace, None, cx, parse))?;
            match chunk {
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => return Poll::Ready(Ok(Some(chunk))),
                None => self.field = None,
            }
        }
    }

    /// The next part, which must have this name, whole; `most` is how many bytes it may have.
    ///
    /// # Errors
    /// Another part, a larger one, and what [`poll_chunk`](Self::poll_chunk) refuses.
    pub async fn text(&mut self, name: &str, most: usize) -> Result<Bytes> {
        let head = poll_fn(|cx| self.poll_next(cx)).await?;
        if head.is_none_or(|head| head.name != name) {
            let message =
                "A multipart request has the parts `operations` and `map` first, in this order.";
            return Err(Error::BadRequest(message));
        }
        let mut text = BytesMut::new();
        while let Some(chunk) = poll_fn(|cx| self.poll_chunk(cx)).await? {
            if text.len() + chunk.len() > most {
                let message = format!("The part `{name}` is larger than {most} bytes.");
                return Err(Error::too_large(None, message));
            }
            text.extend_from_slice(&chunk);
        }
        Ok(text.freeze())
    }

    /// Whether a part has begun that has not been read to its end.
    pub const fn is_inside(&self) -> bool {
        self.field.is_some()
    }

    /// Takes note that nobody waits for the client any more.
    pub fn pause(&mut self) {
        self.pace.pause();
    }
}

/// Parses until something is found or the client is to send more. `head` counts what that takes, where it must not take
/// much: the parser keeps all of it.
fn run<T>(
    source: &Source,
    pace: &mut Pace,
    mut head: Option<&mut usize>,
    cx: &mut Context<'_>,
    mut parse: impl FnMut(&mut Context<'_>) -> Poll<multer::Result<T>>,
) -> Poll<Result<T>> {
    loop {
        let (found, round) = source.round(|| parse(cx));
        if let Round::Took(bytes) = round {
            pace.came(bytes);
            if let Some(head) = &mut head {
                **head += bytes;
            }
        }
        match (found, round) {
            (Poll::Ready(found), _) => return Poll::Ready(found.map_err(|error| refusal(&error))),
            (Poll::Pending, Round::Dry) if pace.is_over(cx) => {
                return Poll::Ready(Err(Error::RequestTimeout));
            }
            (Poll::Pending, Round::Dry) => return Poll::Pending,
            (Poll::Pending, Round::Idle) => return Poll::Ready(Err(malformed())),
            (Poll::Pending, Round::Took(_))
                if head.as_ref().is_some_and(|head| **head > MAX_HEAD) =>
            {
                return Poll::Ready(Err(malformed()));
            }
            (Poll::Pending, Round::Took(_)) => {}
        }
    }
}

fn malformed() -> Error {
    Error::BadRequest("The body is not valid multipart/form-data.")
}

fn refusal(error: &multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(_) => Error::BadRequest("The body broke off."),
        multer::Error::IncompleteStream | multer::Error::IncompleteFieldData { .. } => {
            Error::BadRequest("The body ends before its last boundary, or a boundary is malformed.")
        }
        _ => malformed(),
    }
}
