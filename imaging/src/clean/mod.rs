//! Removes everything from an image that is not needed to display it: location, author, hidden texts, embedded
//! images, and appended data. Works while the image is received.

mod jpeg;
mod png;
mod profile;
mod segment;
mod stream;
mod webp;

use std::io::{Read, Seek};

use bytes::Bytes;

use self::jpeg::Jpeg;
use self::png::Png;
use self::stream::Stream;
use self::webp::WebP;
use super::restored::check_restored;
use super::sizes::examine;
use super::{EMPTY, Failure, Header, Limits, Refusal, TRUNCATED, unsupported};

/// The number of bytes that identify a format.
const HEAD: usize = 12;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
/// The end marker of a JPEG.
const END_OF_JPEG: &[u8] = b"\xff\xd9";

/// Cleans an image in a stream. Buffers up to 64 KiB, or 1 MiB of a compressed colour profile.
#[derive(Debug)]
pub struct Cleaner {
    limits: Limits,
    head: Vec<u8>,
    format: Option<FormatCleaner>,
}

#[derive(Debug)]
enum FormatCleaner {
    Jpeg(Jpeg),
    Png(Png),
    WebP(WebP),
}

impl Cleaner {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            head: Vec::with_capacity(HEAD),
            format: None,
        }
    }

    /// Processes the next bytes. Returns the retained bytes in order, as slices of the input where possible.
    ///
    /// # Errors
    /// As soon as it is clear that the image is invalid. The cleaner must not be used after that.
    pub fn push(&mut self, bytes: Bytes) -> Result<Vec<Bytes>, Refusal> {
        let mut stream = Stream::new(bytes);
        if self.format.is_none() {
            if !stream.gather(&mut self.head, HEAD) {
                return Ok(Vec::new());
            }
            self.format = FormatCleaner::of(&self.head, self.limits);
            if self.format.is_none() {
                // More bytes are needed to name the format in the refusal.
                return if stream.gather(&mut self.head, unsupported::HEAD) {
                    Err(unsupported::refuse(&self.head))
                } else {
                    Ok(Vec::new())
                };
            }
            let mut head = Stream::new(Bytes::from(std::mem::take(&mut self.head)));
            self.advance(&mut head)?;
            stream.begin_with(head.finish());
        }
        self.advance(&mut stream)?;
        Ok(stream.finish())
    }

    /// Returns the header as far as it is known. The orientation may follow the pixels; then only the header that
    /// [`Cleaner::finish`] returns contains it.
    pub fn header(&self) -> Option<Header> {
        match self.format.as_ref()? {
            FormatCleaner::Jpeg(cleaner) => cleaner.header(),
            FormatCleaner::Png(cleaner) => cleaner.header(),
            FormatCleaner::WebP(cleaner) => cleaner.header(),
        }
    }

    /// Whether the image can be decoded row by row: a PNG with a known header that is not interlaced.
    pub fn is_decodable_by_rows(&self) -> bool {
        matches!(&self.format, Some(FormatCleaner::Png(cleaner)) if cleaner.is_decodable_by_rows)
    }

    /// Ends the image, after all bytes were pushed.
    ///
    /// # Errors
    /// When the image is incomplete or missing.
    pub fn finish(self) -> Result<Cleaned, Refusal> {
        let Some(cleaner) = &self.format else {
            return Err(refuse_unknown(&self.head));
        };
        let complete = |is_complete: bool| is_complete.then_some(&b""[..]);
        let rest = match cleaner {
            FormatCleaner::Jpeg(cleaner) if cleaner.lacks_only_end_marker() => Some(END_OF_JPEG),
            FormatCleaner::Jpeg(cleaner) => complete(cleaner.is_complete()),
            FormatCleaner::Png(cleaner) => cleaner.missing_end(),
            FormatCleaner::WebP(cleaner) => complete(cleaner.is_complete()),
        };
        let (header, rest) = self.header().zip(rest).ok_or(TRUNCATED)?;
        Ok(Cleaned { header, rest })
    }

    fn advance(&mut self, stream: &mut Stream) -> Result<(), Refusal> {
        match &mut self.format {
            Some(FormatCleaner::Jpeg(cleaner)) => cleaner.push(stream),
            Some(FormatCleaner::Png(cleaner)) => cleaner.push(stream),
            Some(FormatCleaner::WebP(cleaner)) => cleaner.push(stream),
            None => Ok(()),
        }
    }
}

/// A completely cleaned image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// Format, size and orientation.
    pub header: Header,
    /// The missing end of a file that is otherwise complete.
    rest: &'static [u8],
}

impl Cleaned {
    /// Returns the bytes to append to those that [`Cleaner::push`] returned.
    pub fn rest(&self) -> Bytes {
        Bytes::from_static(self.rest)
    }

    /// Decodes the whole image, including the bytes of [`Cleaned::rest`], as [`examine`] does.
    ///
    /// # Errors
    /// As of [`examine`]. A JPEG without an end marker is refused if pixels are missing too.
    pub fn examine(&self, mut reader: impl Read + Seek, limits: Limits) -> Result<String, Failure> {
        if self.rest == END_OF_JPEG {
            check_restored(self.header, &mut reader, limits)?;
        }
        examine(self.header, reader, limits)
    }
}

impl FormatCleaner {
    fn of(head: &[u8], limits: Limits) -> Option<Self> {
        if head.starts_with(JPEG) {
            Some(Self::Jpeg(Jpeg::new(limits)))
        } else if head.starts_with(PNG) {
            Some(Self::Png(Png::new(limits)))
        } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            Some(Self::WebP(WebP::new(limits)))
        } else {
            None
        }
    }
}

/// Returns the refusal of a file that ends before its format is known.
fn refuse_unknown(head: &[u8]) -> Refusal {
    let begins = |kind: &&[u8]| head.starts_with(kind) || kind.starts_with(head);
    if head.is_empty() {
        EMPTY
    } else if head.len() < HEAD && [PNG, JPEG, b"RIFF"].iter().any(begins) {
        TRUNCATED
    } else {
        unsupported::refuse(head)
    }
}
