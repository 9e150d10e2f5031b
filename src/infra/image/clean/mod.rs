//! Takes out of a picture, while it comes, whatever is not needed to show it: where it was taken and by whom, hidden
//! texts, second pictures, and what is appended behind.

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
use super::{CUT_OFF, EMPTY, Failure, Header, Limits, Refusal, unsupported};

/// The bytes that tell kinds apart.
const HEAD: usize = 12;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
/// The last marker of a JPEG.
const END_OF_JPEG: &[u8] = b"\xff\xd9";

/// Reads a picture as it comes and gives back what is kept of it. It holds back no more than 64 KiB, or 1 MiB of a
/// packed colour profile.
#[derive(Debug)]
pub struct Cleaner {
    limits: Limits,
    head: Vec<u8>,
    machine: Option<Machine>,
}

#[derive(Debug)]
enum Machine {
    Jpeg(Jpeg),
    Png(Png),
    WebP(WebP),
}

impl Cleaner {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            head: Vec::with_capacity(HEAD),
            machine: None,
        }
    }

    /// Takes the next bytes, however many, and gives back what is kept so far, in order. They are slices of the input
    /// where possible.
    ///
    /// # Errors
    /// As soon as it is clear that the picture will not be taken. Nothing can be done with the cleaner then.
    pub fn push(&mut self, bytes: Bytes) -> Result<Vec<Bytes>, Refusal> {
        let mut stream = Stream::new(bytes);
        if self.machine.is_none() {
            if !stream.gather(&mut self.head, HEAD) {
                return Ok(Vec::new());
            }
            self.machine = Machine::of(&self.head, self.limits);
            if self.machine.is_none() {
                // More of the file tells the format to name in the refusal.
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

    /// What the picture says of itself, as far as it is known: the orientation may come after the pixels, and then only
    /// the header that [`Cleaner::finish`] gives has it.
    pub fn header(&self) -> Option<Header> {
        match self.machine.as_ref()? {
            Machine::Jpeg(machine) => machine.header(),
            Machine::Png(machine) => machine.header(),
            Machine::WebP(machine) => machine.header(),
        }
    }

    /// Whether the header is known, and the picture can be decoded row by row: of a PNG that is not interlaced.
    pub fn comes_by_rows(&self) -> bool {
        matches!(&self.machine, Some(Machine::Png(machine)) if machine.comes_by_rows)
    }

    /// To be called when all bytes were pushed.
    ///
    /// # Errors
    /// When the picture is not complete, or there is none.
    pub fn finish(self) -> Result<Cleaned, Refusal> {
        let Some(machine) = &self.machine else {
            return Err(without_kind(&self.head));
        };
        let (complete, restored) = match machine {
            Machine::Jpeg(machine) => (machine.is_complete(), machine.lacks_only_its_end()),
            Machine::Png(machine) => (machine.is_complete(), false),
            Machine::WebP(machine) => (machine.is_complete(), false),
        };
        match self.header() {
            Some(header) if complete || restored => Ok(Cleaned { header, restored }),
            _ => Err(CUT_OFF),
        }
    }

    fn advance(&mut self, stream: &mut Stream) -> Result<(), Refusal> {
        match &mut self.machine {
            Some(Machine::Jpeg(machine)) => machine.push(stream),
            Some(Machine::Png(machine)) => machine.push(stream),
            Some(Machine::WebP(machine)) => machine.push(stream),
            None => Ok(()),
        }
    }
}

/// A picture that was cleaned to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// Kind, size and orientation.
    pub header: Header,
    /// Whether the end marker of a JPEG was missing.
    restored: bool,
}

impl Cleaned {
    /// The bytes to append to those that [`Cleaner::push`] returned.
    pub fn rest(&self) -> Bytes {
        Bytes::from_static(if self.restored { END_OF_JPEG } else { &[] })
    }

    /// Decodes the whole picture, with the bytes of [`Cleaned::rest`] at its end, as [`examine`] does.
    ///
    /// # Errors
    /// As of [`examine`]. A JPEG whose end marker was missing is refused if pixels are missing too.
    pub fn examine(&self, mut reader: impl Read + Seek, limits: Limits) -> Result<String, Failure> {
        if self.restored {
            check_restored(self.header, &mut reader, limits)?;
        }
        examine(self.header, reader, limits)
    }
}

impl Machine {
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

/// The refusal of a file that ends before its kind is known.
fn without_kind(head: &[u8]) -> Refusal {
    let begins = |kind: &&[u8]| head.starts_with(kind) || kind.starts_with(head);
    if head.is_empty() {
        EMPTY
    } else if head.len() < HEAD && [PNG, JPEG, b"RIFF"].iter().any(begins) {
        CUT_OFF
    } else {
        unsupported::refuse(head)
    }
}
