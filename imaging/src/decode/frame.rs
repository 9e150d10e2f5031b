//! The frame header of a JPEG. Its sampling factors decide which decoder is used.

use std::io::{BufRead, Read};

use super::super::DAMAGED;
use super::Refusal;

/// The sampling factors of a component: horizontal and vertical.
type Sampling = (u8, u8);

/// A frame header.
#[derive(Debug)]
pub struct Frame {
    progressive: bool,
    sampling: Vec<Sampling>,
    /// The number of components in the first scan.
    first_scan: usize,
}

impl Frame {
    /// Reads a cleaned JPEG up to its first scan.
    pub fn read(source: &mut impl BufRead) -> Result<Self, Refusal> {
        let mut frame = None;
        take(source, 2)?;
        loop {
            let [marker, code, high, low] = take(source, 4)?[..] else {
                return Err(DAMAGED);
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            let length = length.checked_sub(2).ok_or(DAMAGED)?;
            match (marker, code) {
                (0xFF, 0xC0..=0xC2) => {
                    let body = take(source, length)?;
                    let components = body.get(6..).ok_or(DAMAGED)?.as_chunks::<3>().0;
                    let sampling = components.iter().map(|[_, both, _]| (both >> 4, both & 15));
                    frame = Some((code == 0xC2, sampling.collect()));
                }
                (0xFF, 0xDA) => {
                    let count = *take(source, length)?.first().ok_or(DAMAGED)?;
                    let (progressive, sampling) = frame.ok_or(DAMAGED)?;
                    return Ok(Self {
                        progressive,
                        sampling,
                        first_scan: usize::from(count),
                    });
                }
                (0xFF, _) => drop(take(source, length)?),
                _ => return Err(DAMAGED),
            }
        }
    }

    /// Whether the fast decoder supports the frame. It decodes wrongly: factors of 3, a first component with fewer
    /// samples than others, and baseline scans of single components when components differ in rows or columns.
    pub fn is_supported_by_fast_decoder(&self) -> bool {
        let across = self.sampling.iter().map(|sampling| sampling.0).max();
        let down = self.sampling.iter().map(|sampling| sampling.1).max();
        let (across, down) = (across.unwrap_or(1), down.unwrap_or(1));
        let separate = !self.progressive && self.first_scan < self.sampling.len();
        self.sampling.len() == 1
            || (self.sampling.first() == Some(&(across, down))
                && self.sampling.iter().all(|(x, y)| {
                    x.is_power_of_two()
                        && y.is_power_of_two()
                        && across.is_multiple_of(*x)
                        && down.is_multiple_of(*y)
                })
                && !(separate && (across > 1 || down > 1)))
    }
}

fn take(source: &mut impl BufRead, length: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(length);
    let mut part = source.take(length as u64);
    match part.read_to_end(&mut bytes) {
        Ok(read) if read == length => Ok(bytes),
        _ => Err(DAMAGED),
    }
}
