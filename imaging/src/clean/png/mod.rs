//! Cleans PNG files: chunks with a length, a name and a checksum.

mod body;
mod packed;
mod profile;

use crc32fast::Hasher;

use crate::{DAMAGED, Header, Kind, Limits, Orientation, Refusal};

use self::packed::{CompressedPixels, decompressed_length};
use super::stream::Stream;

/// The maximum number of bytes of an EXIF block that are read.
const MAX_EXIF: usize = 64 * 1024;
/// The length of an animation control chunk.
const ANIMATION: usize = 8;
/// The maximum size of a compressed colour profile, which is buffered as a whole. Larger ones are removed.
const MAX_COMPRESSED_PROFILE: usize = 1 << 20;

/// The last chunk: length, name and checksum.
const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

type Name = [u8; 4];

#[derive(Clone, Copy, Debug)]
enum State {
    Signature,
    /// Before the length and the name of a chunk.
    Head,
    /// In the header chunk, which contains the size.
    Size,
    /// In an EXIF block: the remaining bytes of the chunk.
    Exif(usize),
    /// In an animation control chunk: its remaining bytes.
    Animation(usize),
    /// In a colour profile of this length.
    Profile(usize),
    Body {
        left: usize,
        keep: bool,
    },
    Checksum {
        keep: bool,
    },
    Done,
}

/// The position relative to the pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pixels {
    Before,
    Within,
    After,
}

#[derive(Debug)]
pub struct Png {
    limits: Limits,
    state: State,
    held: Vec<u8>,
    hasher: Hasher,
    /// The name of the current chunk.
    name: Name,
    size: Option<(u32, u32)>,
    indexed: bool,
    /// Whether the header was read and the image is not interlaced.
    pub is_decodable_by_rows: bool,
    pixels: Pixels,
    seen: Vec<Name>,
    orientation: Option<Orientation>,
    packed: Option<CompressedPixels>,
    /// The checksum of the written chunk, if it differs from the input.
    altered: Option<Hasher>,
    profile: Option<Vec<u8>>,
}

impl Png {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Signature,
            held: Vec::new(),
            hasher: Hasher::new(),
            name: [0; 4],
            size: None,
            indexed: false,
            is_decodable_by_rows: false,
            pixels: Pixels::Before,
            seen: Vec::new(),
            orientation: None,
            packed: None,
            altered: None,
            profile: None,
        }
    }

    pub fn header(&self) -> Option<Header> {
        let orientation = self.orientation.unwrap_or(Orientation::UPRIGHT);
        Some(Header::new(Kind::Png, self.size?, orientation))
    }

    /// Returns the missing bytes of a file that ends after its pixels: viewers display it without the last chunk.
    /// `None` if pixels are missing too.
    pub fn missing_end(&self) -> Option<&'static [u8]> {
        let has_pixels = self
            .packed
            .as_ref()
            .is_some_and(CompressedPixels::has_ended);
        match self.state {
            State::Done => Some(&[]),
            State::Head if has_pixels => Some(END),
            State::Checksum { .. } if self.name == *b"IEND" => Some(&END[END.len() - 4..]),
            _ => None,
        }
    }

    pub fn push(&mut self, stream: &mut Stream) -> Result<(), Refusal> {
        while self.step(stream)? {}
        Ok(())
    }

    /// Processes the next part. Returns false if more input is needed.
    fn step(&mut self, stream: &mut Stream) -> Result<bool, Refusal> {
        match self.state {
            State::Signature => {
                let Some(next) = stream.next::<8>(&mut self.held) else {
                    return Ok(false);
                };
                stream.keep_next(&next);
                self.state = State::Head;
            }
            State::Head => {
                let Some(next) = stream.next::<8>(&mut self.held) else {
                    return Ok(false);
                };
                let [l1, l2, l3, l4, name @ ..] = next.bytes;
                let length = u32::from_be_bytes([l1, l2, l3, l4]);
                self.state = self.chunk(name, length)?;
                self.name = name;
                self.hasher = Hasher::new();
                self.hasher.update(&name);
                let keeps = matches!(self.state, State::Size | State::Body { keep: true, .. });
                if keeps {
                    stream.keep_next(&next);
                } else {
                    stream.skip_next(&next);
                }
            }
            State::Size => {
                let Some(next) = stream.next::<13>(&mut self.held) else {
                    return Ok(false);
                };
                self.size(next.bytes)?;
                self.hasher.update(&next.bytes);
                stream.keep_next(&next);
                self.state = State::Checksum { keep: true };
            }
            State::Exif(left) => return Ok(self.exif(left, stream)),
            State::Animation(left) => return self.animation(left, stream),
            State::Profile(length) => return Ok(self.profile(length, stream)),
            State::Body { left, keep } => return self.body(left, keep, stream),
            State::Checksum { keep } => return self.checksum(keep, stream),
            State::Done => {
                stream.skip(stream.rest().len());
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Decides by name and length how a chunk is processed.
    fn chunk(&mut self, name: Name, length: u32) -> Result<State, Refusal> {
        let left = usize::try_from(length).map_err(|_| DAMAGED)?;
        if !name.iter().all(u8::is_ascii_alphabetic) || length > i32::MAX.cast_unsigned() {
            return Err(DAMAGED);
        }
        if (self.size.is_none()) != (name == *b"IHDR") {
            return Err(DAMAGED);
        }
        if self.pixels == Pixels::Within && name != *b"IDAT" {
            self.pixels = Pixels::After;
        }
        let keep = match &name {
            b"IHDR" if length == 13 => return Ok(State::Size),
            b"IDAT" => {
                let coloured = !self.indexed || self.seen.contains(b"PLTE");
                if self.pixels == Pixels::After || !coloured {
                    return Err(DAMAGED);
                }
                self.pixels = Pixels::Within;
                let packed = self.packed.as_ref();
                !packed.is_some_and(CompressedPixels::has_ended)
            }
            b"IEND" if length == 0 && self.pixels == Pixels::After => true,
            b"PLTE" => {
                let fits = (1..=768).contains(&length) && length.is_multiple_of(3);
                if !fits || self.pixels != Pixels::Before || !self.is_new(name) {
                    return Err(DAMAGED);
                }
                true
            }
            b"acTL" => return Ok(State::Animation(left)),
            b"iCCP" if self.pixels == Pixels::Before && left <= MAX_COMPRESSED_PROFILE => {
                if self.is_new(name) {
                    return Ok(State::Profile(left));
                }
                false
            }
            b"eXIf" if !self.seen.contains(b"eXIf") && self.orientation.is_none() => {
                return Ok(State::Exif(left));
            }
            // An upper-case letter marks a critical chunk: the image can't be decoded without it.
            [first, ..] if first.is_ascii_uppercase() => return Err(DAMAGED),
            _ => {
                let is_retained = self.pixels == Pixels::Before
                    && max_length(name).is_some_and(|max| left <= max);
                is_retained && self.is_new(name)
            }
        };
        Ok(State::Body { left, keep })
    }

    fn size(&mut self, bytes: [u8; 13]) -> Result<(), Refusal> {
        let [
            w1,
            w2,
            w3,
            w4,
            h1,
            h2,
            h3,
            h4,
            depth,
            colour,
            0,
            0,
            interlaced @ (0 | 1),
        ] = bytes
        else {
            return Err(DAMAGED);
        };
        let ((1 | 2 | 4 | 8 | 16, 0) | (8 | 16, 2 | 4 | 6) | (1 | 2 | 4 | 8, 3)) = (depth, colour)
        else {
            return Err(DAMAGED);
        };
        let width = u32::from_be_bytes([w1, w2, w3, w4]);
        let height = u32::from_be_bytes([h1, h2, h3, h4]);
        self.limits.check(width, height)?;
        self.indexed = colour == 3;
        self.is_decodable_by_rows = interlaced == 0;
        let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(colour)];
        let length = decompressed_length(
            (width, height),
            channels * u32::from(depth),
            interlaced == 1,
        );
        self.packed = Some(CompressedPixels::new(length));
        self.size = Some((width, height));
        Ok(())
    }

    /// Whether this is the first chunk with this name.
    fn is_new(&mut self, name: Name) -> bool {
        let new = !self.seen.contains(&name);
        if new {
            self.seen.push(name);
        }
        new
    }
}

/// Returns the maximum size of a chunk with colour information; `None` for chunks that are removed.
fn max_length(name: Name) -> Option<usize> {
    Some(match &name {
        b"tRNS" => 256,
        b"cHRM" => 32,
        b"pHYs" => 9,
        b"bKGD" => 6,
        b"gAMA" | b"sBIT" | b"cICP" => 4,
        b"sRGB" => 1,
        _ => return None,
    })
}
