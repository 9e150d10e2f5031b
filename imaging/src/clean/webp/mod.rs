//! Cleans WebP files: chunks in a RIFF file. The file begins with its length, so removed chunks are replaced with
//! zeros.

mod pixels;
mod profile;

use crate::{ANIMATED, DAMAGED, Header, Kind, Limits, Orientation, Refusal};

use super::profile::Profile;
use super::stream::Stream;

/// The maximum number of bytes of an EXIF block that are read.
const MAX_EXIF: usize = 64 * 1024;
/// The maximum size of a pixel chunk beyond four bytes per pixel, for tables.
const SLACK: u64 = 1 << 20;

/// Flags of an extended file.
const PROFILE: u8 = 0x20;
const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
const ANIMATION: u8 = 0x02;
/// The length of a frame's header.
const FRAME: usize = 16;

#[derive(Clone, Copy, Debug)]
enum State {
    Riff,
    Head,
    /// In the chunk of an extended file that contains the size.
    Canvas,
    /// At the beginning of lossy or lossless pixels, with the number of remaining bytes.
    Lossy(usize),
    Lossless(usize),
    /// Before the header of an animation's frame.
    Frame,
    /// At the beginning of a colour profile: its length, without and with padding.
    ProfileHead {
        length: usize,
        left: usize,
    },
    /// In a colour profile: its remaining bytes, and those after it in the chunk.
    Profile {
        left: usize,
        after: usize,
    },
    /// In an EXIF block: its length, without and with padding.
    Exif {
        length: usize,
        left: usize,
    },
    Body {
        left: usize,
        keep: bool,
    },
    Done,
}

/// The frames of an animation. An animation with a single frame is a still image.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Frames {
    /// Not an animation.
    None,
    Expected,
    Begun,
}

#[derive(Debug)]
pub struct WebP {
    limits: Limits,
    state: State,
    held: Vec<u8>,
    /// The remaining bytes of the file outside of the current chunk.
    left: usize,
    size: Option<(u32, u32)>,
    /// The flags of an extended file.
    flags: Option<u8>,
    has_pixels: bool,
    /// Whether a colour profile and an alpha channel were read.
    has_profile: bool,
    has_alpha: bool,
    profile: Option<Profile>,
    frames: Frames,
    orientation: Option<Orientation>,
}

impl WebP {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Riff,
            held: Vec::new(),
            left: 0,
            size: None,
            flags: None,
            has_pixels: false,
            has_profile: false,
            has_alpha: false,
            profile: None,
            frames: Frames::None,
            orientation: None,
        }
    }

    pub fn header(&self) -> Option<Header> {
        let orientation = self.orientation.unwrap_or(Orientation::UPRIGHT);
        Some(Header::new(Kind::WebP, self.size?, orientation))
    }

    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Done)
    }

    pub fn push(&mut self, stream: &mut Stream) -> Result<(), Refusal> {
        while self.step(stream)? {}
        Ok(())
    }

    /// Processes the next part. Returns false if more input is needed.
    fn step(&mut self, stream: &mut Stream) -> Result<bool, Refusal> {
        match self.state {
            State::Riff => {
                let Some(next) = stream.next::<12>(&mut self.held) else {
                    return Ok(false);
                };
                let [_, _, _, _, size @ .., _, _, _, _] = next.bytes;
                let size = usize::try_from(u32::from_le_bytes(size)).map_err(|_| DAMAGED)?;
                self.left = size.checked_sub(4).ok_or(DAMAGED)?;
                stream.keep_next(&next);
                self.next_chunk()?;
            }
            State::Head => return self.head(stream),
            State::Frame => return self.frame(stream),
            State::ProfileHead { length, left } => {
                return Ok(self.profile_head(length, left, stream));
            }
            State::Profile { left, after } => return Ok(self.profile(left, after, stream)),
            State::Canvas => {
                let Some(mut next) = stream.next::<10>(&mut self.held) else {
                    return Ok(false);
                };
                self.canvas(&mut next.bytes)?;
                stream.skip_next(&next);
                stream.put(&next.bytes);
                self.next_chunk()?;
            }
            State::Lossy(left) => return self.lossy(left, stream),
            State::Lossless(left) => return self.lossless(left, stream),
            State::Exif { length, left } => return Ok(self.exif(length, left, stream)),
            State::Body { left, keep } => {
                let count = left.min(stream.rest().len());
                if keep {
                    stream.keep(count);
                } else {
                    stream.skip(count);
                    stream.put_zeros(count);
                }
                if left == count {
                    self.next_chunk()?;
                    return Ok(true);
                }
                self.state = State::Body {
                    left: left - count,
                    keep,
                };
                return Ok(false);
            }
            State::Done => {
                stream.skip(stream.rest().len());
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the name and the length of a chunk.
    fn head(&mut self, stream: &mut Stream) -> Result<bool, Refusal> {
        let Some(next) = stream.next::<8>(&mut self.held) else {
            return Ok(false);
        };
        let [n1, n2, n3, n4, size @ ..] = next.bytes;
        let length = usize::try_from(u32::from_le_bytes(size)).map_err(|_| DAMAGED)?;
        self.state = self.chunk([n1, n2, n3, n4], length)?;
        match self.state {
            State::Body { keep: false, .. } => {
                stream.skip_next(&next);
                write_junk_head(length, stream);
            }
            State::Frame => {
                stream.skip_next(&next);
                write_junk_head(FRAME, stream);
            }
            State::ProfileHead { .. } => stream.skip_next(&next),
            _ => stream.keep_next(&next),
        }
        Ok(true)
    }

    /// Continues with the next chunk, if there is one.
    fn next_chunk(&mut self) -> Result<(), Refusal> {
        self.state = match self.left {
            0 if self.has_pixels => State::Done,
            0 => return Err(DAMAGED),
            // Too short for a chunk.
            1..8 => State::Body {
                left: std::mem::take(&mut self.left),
                keep: false,
            },
            _ => State::Head,
        };
        Ok(())
    }

    /// Decides by name and length how a chunk is processed.
    fn chunk(&mut self, name: [u8; 4], length: usize) -> Result<State, Refusal> {
        self.left -= 8;
        // Padded to an even length, except possibly the last chunk.
        let padded = length.saturating_add(length % 2);
        let whole = if length == self.left { length } else { padded };
        self.left = self.left.checked_sub(whole).ok_or(DAMAGED)?;
        let flags = self.flags.unwrap_or(0);
        let first = self.flags.is_none() && self.size.is_none();
        let keep = match &name {
            b"VP8X" if first && length == 10 => return Ok(State::Canvas),
            b"ANIM" if self.frames == Frames::Expected => false,
            b"ANMF" if self.frames == Frames::Expected && length >= FRAME => {
                // The chunks in the frame are processed like top-level ones.
                self.left += whole - FRAME;
                return Ok(State::Frame);
            }
            b"ANIM" | b"ANMF" => return Err(ANIMATED),
            b"VP8 " | b"VP8L" | b"ALPH" if self.frames == Frames::Expected => return Err(ANIMATED),
            b"VP8 " if !self.has_pixels && length >= 10 => return Ok(State::Lossy(whole)),
            b"VP8L" if !self.has_pixels && length >= 5 => return Ok(State::Lossless(whole)),
            _ if first => return Err(DAMAGED),
            b"ALPH" if flags & ALPHA != 0 && !self.has_pixels && !self.has_alpha => {
                self.has_alpha = true;
                self.check_length(whole)?;
                true
            }
            b"ICCP" if flags & PROFILE != 0 && !self.has_pixels && !self.has_profile => {
                self.has_profile = true;
                let left = whole;
                return Ok(State::ProfileHead { length, left });
            }
            b"EXIF" if flags & EXIF != 0 && self.orientation.is_none() => {
                let left = whole;
                return Ok(State::Exif { length, left });
            }
            _ => false,
        };
        Ok(State::Body { left: whole, keep })
    }

    fn canvas(&mut self, bytes: &mut [u8; 10]) -> Result<(), Refusal> {
        let [flags, reserved @ .., w1, w2, w3, h1, h2, h3] = bytes;
        if *flags & ANIMATION != 0 {
            self.frames = Frames::Expected;
        }
        *flags &= PROFILE | ALPHA | EXIF;
        *reserved = [0; 3];
        self.flags = Some(*flags);
        let width = u32::from_le_bytes([*w1, *w2, *w3, 0]) + 1;
        let height = u32::from_le_bytes([*h1, *h2, *h3, 0]) + 1;
        self.sized(width, height)
    }

    /// Replaces an EXIF block with an orientation and zeros.
    fn exif(&mut self, length: usize, left: usize, stream: &mut Stream) -> bool {
        let looked_at = length.min(MAX_EXIF);
        if !stream.gather(&mut self.held, looked_at) {
            return false;
        }
        let held = std::mem::take(&mut self.held);
        let read = Orientation::read(&held);
        let block = read.block();
        let (orientation, block) = if held.len() < block.len() {
            (Orientation::UPRIGHT, &[][..])
        } else {
            (read, &block[..])
        };
        self.orientation = Some(orientation);
        stream.put(block);
        stream.put_zeros(held.len() - block.len());
        let left = left - held.len();
        self.state = State::Body { left, keep: false };
        true
    }
}

/// Writes the header of a meaningless chunk in place of another one.
fn write_junk_head(length: usize, stream: &mut Stream) {
    stream.put(b"JUNK");
    // Lengths are read from 32 bits.
    stream.put(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}
