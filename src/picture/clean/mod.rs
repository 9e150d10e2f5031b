//! Takes out of a picture, while it comes, whatever is not needed to show it: where it was taken and by whom, hidden
//! texts, second pictures, and what is appended behind.

mod jpeg;
mod png;
mod segment;
mod stream;
mod webp;

use bytes::Bytes;

use self::jpeg::Jpeg;
use self::png::Png;
use self::stream::Stream;
use self::webp::WebP;
use super::{CUT_OFF, EMPTY, Header, Limits, Refusal, UNKNOWN};

/// The bytes that tell kinds apart.
const HEAD: usize = 12;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Reads a picture as it comes and gives back what is kept of it. It holds back no more than 64 KiB.
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
            self.machine = Some(Machine::of(&self.head, self.limits)?);
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
    pub fn finish(self) -> Result<Header, Refusal> {
        let complete = match &self.machine {
            Some(Machine::Jpeg(machine)) => machine.is_complete(),
            Some(Machine::Png(machine)) => machine.is_complete(),
            Some(Machine::WebP(machine)) => machine.is_complete(),
            None => return Err(too_short(&self.head)),
        };
        match self.header() {
            Some(header) if complete => Ok(header),
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

impl Machine {
    fn of(head: &[u8], limits: Limits) -> Result<Self, Refusal> {
        if head.starts_with(JPEG) {
            Ok(Self::Jpeg(Jpeg::new(limits)))
        } else if head.starts_with(PNG) {
            Ok(Self::Png(Png::new(limits)))
        } else if head.starts_with(b"RIFF") && head.ends_with(b"WEBP") {
            Ok(Self::WebP(WebP::new(limits)))
        } else {
            Err(UNKNOWN)
        }
    }
}

/// Of a file that ends before its kind is sure.
fn too_short(head: &[u8]) -> Refusal {
    if head.is_empty() {
        EMPTY
    } else if [PNG, JPEG, b"RIFF"]
        .iter()
        .any(|kind| head.starts_with(kind) || kind.starts_with(head))
    {
        CUT_OFF
    } else {
        UNKNOWN
    }
}
