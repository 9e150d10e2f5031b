//! Cleans JPEG files: segments with a marker and a length, and coded pixels between them.

use crate::exif::PREFIX;
use crate::{DAMAGED, Header, Kind, Limits, Orientation, Refusal};

use super::profile::SegmentedProfile;
use super::segment::{UNSUPPORTED_JPEG, frame_size, is_pixel_data, write_segment_head};
use super::stream::Stream;

#[derive(Debug)]
enum State {
    Start,
    /// Before a marker. Other bytes are dropped.
    Marker,
    /// Before the length of a segment.
    Length(u8),
    /// In a segment whose first bytes are examined.
    Peek {
        code: u8,
        length: usize,
        wanted: usize,
    },
    /// In a segment that is copied. Pixels may follow.
    Keep {
        left: usize,
        then_pixels: bool,
    },
    Drop(usize),
    /// In coded pixels.
    Pixels,
    Done,
}

#[derive(Debug)]
pub struct Jpeg {
    limits: Limits,
    state: State,
    held: Vec<u8>,
    frame: Option<(u32, u32)>,
    orientation: Option<Orientation>,
    /// Whether pixels were read.
    has_pixels: bool,
    /// Whether no segment has begun since the last pixels.
    after_pixels: bool,
    profile: SegmentedProfile,
}

impl Jpeg {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Start,
            held: Vec::new(),
            frame: None,
            orientation: None,
            has_pixels: false,
            after_pixels: false,
            profile: SegmentedProfile::default(),
        }
    }

    pub fn header(&self) -> Option<Header> {
        let orientation = self.orientation.unwrap_or(Orientation::UPRIGHT);
        Some(Header::new(Kind::Jpeg, self.frame?, orientation))
    }

    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Whether the file ends in or after pixels, where the end marker is expected.
    pub fn lacks_only_end_marker(&self) -> bool {
        let after = matches!(self.state, State::Marker) && self.after_pixels;
        self.has_pixels && (after || matches!(self.state, State::Pixels))
    }

    pub fn push(&mut self, stream: &mut Stream) -> Result<(), Refusal> {
        while self.step(stream)? {}
        Ok(())
    }

    /// Processes the next part. Returns false if more input is needed.
    fn step(&mut self, stream: &mut Stream) -> Result<bool, Refusal> {
        match self.state {
            State::Start => {
                if !stream.gather(&mut self.held, 2) {
                    return Ok(false);
                }
                stream.put(&self.held);
                self.held.clear();
                self.state = State::Marker;
            }
            State::Marker => return self.marker(stream),
            State::Length(code) => {
                if !stream.gather(&mut self.held, 2) {
                    return Ok(false);
                }
                let length = usize::from(u16::from_be_bytes([self.held[0], self.held[1]]));
                self.held.clear();
                let length = length.checked_sub(2).ok_or(DAMAGED)?;
                self.segment(code, length, stream)?;
            }
            State::Peek {
                code,
                length,
                wanted,
            } => {
                if !stream.gather(&mut self.held, wanted) {
                    return Ok(false);
                }
                let held = std::mem::take(&mut self.held);
                self.state = State::Drop(length - wanted);
                self.process_head(code, length, &held, stream)?;
            }
            State::Keep { left, then_pixels } => {
                let count = left.min(stream.rest().len());
                stream.keep(count);
                let left = left - count;
                self.state = match (left, then_pixels) {
                    (0, true) => State::Pixels,
                    (0, false) => State::Marker,
                    _ => State::Keep { left, then_pixels },
                };
                return Ok(left == 0);
            }
            State::Drop(left) => {
                let count = left.min(stream.rest().len());
                stream.skip(count);
                self.state = if left == count {
                    State::Marker
                } else {
                    State::Drop(left - count)
                };
                return Ok(left == count);
            }
            State::Pixels => return Ok(self.pixels(stream)),
            State::Done => {
                stream.skip(stream.rest().len());
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Copies coded pixels up to a marker that ends them.
    fn pixels(&mut self, stream: &mut Stream) -> bool {
        (self.has_pixels, self.after_pixels) = (true, true);
        if !self.held.is_empty() {
            let Some(code) = stream.rest().first().copied() else {
                return false;
            };
            if is_pixel_data(code) {
                stream.put(&[0xFF, code]);
                stream.skip(1);
                self.held.clear();
            } else {
                self.state = State::Marker;
            }
            return true;
        }
        while let Some(at) = memchr::memchr(0xFF, stream.rest()) {
            stream.keep(at);
            match stream.rest().get(1) {
                Some(code) if is_pixel_data(*code) => stream.keep(2),
                Some(_) => {
                    self.state = State::Marker;
                    return true;
                }
                // Decided by the next push.
                None => return !stream.gather(&mut self.held, 1),
            }
        }
        stream.keep(stream.rest().len());
        false
    }

    fn marker(&mut self, stream: &mut Stream) -> Result<bool, Refusal> {
        if self.held.is_empty() {
            let garbage = memchr::memchr(0xFF, stream.rest());
            stream.skip(garbage.unwrap_or(stream.rest().len()));
            if !stream.gather(&mut self.held, 1) {
                return Ok(false);
            }
        }
        let Some(code) = stream.rest().first().copied() else {
            return Ok(false);
        };
        stream.skip(1);
        // A marker may be preceded by more bytes of 255.
        if code == 0xFF {
            return Ok(true);
        }
        self.held.clear();
        self.state = match code {
            // A stray byte, or a marker without meaning outside of pixels.
            0x00 | 0x01 => State::Marker,
            0xD0..=0xD7 if self.has_pixels => State::Marker,
            0xD9 if self.has_pixels => {
                stream.put(&[0xFF, code]);
                State::Done
            }
            0xC3 | 0xC5..=0xCF | 0xDE | 0xDF => return Err(UNSUPPORTED_JPEG),
            0x02..=0xBF | 0xD0..=0xD9 => return Err(DAMAGED),
            _ => {
                self.after_pixels = false;
                State::Length(code)
            }
        };
        Ok(true)
    }

    /// Decides by the marker how a segment is processed.
    fn segment(&mut self, code: u8, length: usize, stream: &mut Stream) -> Result<(), Refusal> {
        let look = |wanted: usize| State::Peek {
            code,
            length,
            wanted: wanted.min(length),
        };
        self.state = match code {
            // Tables and restarts.
            0xC4 | 0xDB | 0xDD => {
                write_segment_head(code, length, stream);
                let then_pixels = false;
                State::Keep {
                    left: length,
                    then_pixels,
                }
            }
            // Pixels follow.
            0xDA => {
                if self.frame.is_none() {
                    return Err(DAMAGED);
                }
                write_segment_head(code, length, stream);
                let then_pixels = true;
                State::Keep {
                    left: length,
                    then_pixels,
                }
            }
            // The frame, the EXIF, and the colour profile.
            0xC0..=0xC2 | 0xE1 | 0xE2 => look(length),
            0xE0 => look(14),
            0xEE => look(12),
            _ => State::Drop(length),
        };
        Ok(())
    }

    /// Decides by its first bytes whether a segment is written. Others are dropped.
    fn process_head(
        &mut self,
        code: u8,
        length: usize,
        held: &[u8],
        stream: &mut Stream,
    ) -> Result<(), Refusal> {
        match code {
            0xC0..=0xC2 => {
                if self.frame.is_some() {
                    return Err(DAMAGED);
                }
                let (width, height) = frame_size(held)?;
                self.limits.check(width, height)?;
                self.frame = Some((width, height));
                write_segment_head(code, length, stream);
                stream.put(held);
            }
            // Without the thumbnail, which may show cropped parts.
            0xE0 if held.starts_with(b"JFIF\0") && held.len() == 14 => {
                write_segment_head(code, 14, stream);
                stream.put(&held[..12]);
                stream.put(&[0, 0]);
            }
            0xE1 if held.starts_with(PREFIX) && !self.has_pixels && self.orientation.is_none() => {
                let orientation = Orientation::read(held);
                self.orientation = Some(orientation);
                if orientation != Orientation::UPRIGHT {
                    let block = orientation.block();
                    write_segment_head(code, PREFIX.len() + block.len(), stream);
                    stream.put(PREFIX);
                    stream.put(&block);
                }
            }
            0xE2 if !self.has_pixels => self.profile.push(held, stream),
            // The colour transform.
            0xEE if held.starts_with(b"Adobe") && held.len() == 12 => {
                write_segment_head(code, 12, stream);
                stream.put(held);
            }
            _ => {}
        }
        Ok(())
    }
}
