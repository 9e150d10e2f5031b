//! Colour profiles (ICC.1) are reduced to the data that describes colours, because other data could contain anything.
//!
//! Retained: the header, the table of tags, and the data of known tags up to a size that fits their kind. Zeroed:
//! other tags, and bytes outside of tags. Truncated: everything after the declared size. An invalid or too large
//! profile is removed.

use std::ops::Range;

use crate::MAX_PROFILE;

use super::segment::write_segment_head;
use super::stream::Stream;

/// The bytes before the table of tags, including the number of tags.
pub const HEAD: usize = 132;
/// The bytes of a tag in the table.
const ENTRY: usize = 12;
const MAX_TAGS: usize = 100;
/// Reserved by the specification.
const RESERVED: Range<usize> = 100..128;

/// The bytes of a segment before its part of a profile: a name, the number of the part, and the number of parts.
const SEGMENT_HEAD: usize = 14;
const SEGMENT_NAME: &[u8] = b"ICC_PROFILE\0";
/// The maximum number of bytes of a profile in a segment.
const SEGMENT: usize = 65_519;

/// Filters a profile in a stream, and zeroes bytes that are not retained.
#[derive(Debug)]
pub struct Profile {
    /// The declared size.
    pub size: usize,
    at: usize,
    /// Ascending, without overlaps.
    retained: Vec<Range<usize>>,
}

/// Returns the number of bytes that [`Profile::read`] needs, from the first [`HEAD`] bytes.
pub fn table_end(head: &[u8]) -> Option<usize> {
    let count = number(head, HEAD - 4)?;
    (1..=MAX_TAGS)
        .contains(&count)
        .then_some(HEAD + count * ENTRY)
}

impl Profile {
    /// Reads the header and the table of tags. `None` if it is not a colour profile for pixels.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let table = table_end(bytes)?;
        let size = number(bytes, 0)?;
        let is_signed = bytes.get(36..40)? == b"acsp";
        let class = matches!(bytes.get(12..16)?, b"mntr" | b"scnr" | b"prtr" | b"spac");
        let space = matches!(bytes.get(16..20)?, b"RGB " | b"GRAY" | b"CMYK");
        let connection = matches!(bytes.get(20..24)?, b"XYZ " | b"Lab ");
        if !(is_signed && class && space && connection && (table..=MAX_PROFILE).contains(&size)) {
            return None;
        }
        let mut tags = Vec::with_capacity(MAX_TAGS);
        for entry in bytes.get(HEAD..table)?.as_chunks::<ENTRY>().0 {
            let (start, length) = (number(entry, 4)?, number(entry, 8)?);
            let end = start.checked_add(length)?;
            if start >= table && end <= size {
                let retained = length.min(max_length(&entry[..4]));
                tags.push(start..start + retained);
            }
        }
        tags.sort_by_key(|tag| tag.start);
        let mut retained = vec![0..RESERVED.start, RESERVED.end..table];
        for tag in tags {
            match retained.last_mut() {
                Some(last) if tag.start <= last.end => last.end = last.end.max(tag.end),
                _ => retained.push(tag),
            }
        }
        Some(Self {
            size,
            at: 0,
            retained,
        })
    }

    /// Zeroes the next bytes that are not retained. They must not exceed the declared size.
    pub fn filter(&mut self, bytes: &mut [u8]) {
        let end = self.at + bytes.len();
        let mut from = self.at;
        for retained in &self.retained {
            let gap = from..retained.start.clamp(from, end);
            bytes[gap.start - self.at..gap.end - self.at].fill(0);
            from = from.max(retained.end.min(end));
        }
        bytes[from - self.at..].fill(0);
        self.at = end;
    }
}

/// Filters a whole profile.
pub fn clean(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut profile = Profile::read(&bytes)?;
    if bytes.len() < profile.size {
        return None;
    }
    bytes.truncate(profile.size);
    profile.filter(&mut bytes);
    Some(bytes)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_be_bytes(*bytes)).ok()
}

/// Returns the maximum size of the data of a tag; 0 for unknown tags.
fn max_length(name: &[u8]) -> usize {
    match name {
        // Conversions.
        b"A2B0" | b"A2B1" | b"A2B2" | b"A2B3" | b"B2A0" | b"B2A1" | b"B2A2" | b"B2A3" | b"D2B0"
        | b"D2B1" | b"D2B2" | b"D2B3" | b"B2D0" | b"B2D1" | b"B2D2" | b"B2D3" | b"gamt" => {
            MAX_PROFILE
        }
        // Curves.
        b"rTRC" | b"gTRC" | b"bTRC" | b"kTRC" => 136 << 10,
        // Points, matrices and numbers.
        b"rXYZ" | b"gXYZ" | b"bXYZ" | b"wtpt" | b"bkpt" | b"lumi" | b"chad" | b"chrm" | b"cicp"
        | b"meas" | b"tech" | b"view" | b"calt" | b"rig0" | b"ciis" | b"clro" => 64,
        // Names. Programs display them, and some ignore a profile without them.
        b"desc" | b"cprt" | b"dmnd" | b"dmdd" | b"vued" => 2 << 10,
        _ => 0,
    }
}

/// A profile in segments of a JPEG. It is written in as few segments as possible.
#[derive(Debug, Default)]
pub enum SegmentedProfile {
    /// No profile yet.
    #[default]
    Before,
    /// The profile, the numbers of the next part to read and to write, and the buffered bytes.
    Within(Profile, u8, u8, Vec<u8>),
    /// The profile is complete, or removed.
    After,
}

impl SegmentedProfile {
    /// Reads a segment, and writes the retained data.
    pub fn push(&mut self, segment: &[u8], stream: &mut Stream) {
        let Some((head, part)) = segment.split_at_checked(SEGMENT_HEAD) else {
            return;
        };
        let Some([number, _]) = head.strip_prefix(SEGMENT_NAME) else {
            return;
        };
        if let (Self::Before, 1) = (&self, number) {
            let profile = Profile::read(part);
            *self = profile.map_or(Self::After, |profile| {
                Self::Within(profile, 1, 1, Vec::new())
            });
        }
        if let Self::Within(profile, expected, written, held) = self
            && number == expected
        {
            *expected = expected.wrapping_add(1);
            let start = held.len();
            held.extend_from_slice(&part[..part.len().min(profile.size - profile.at)]);
            profile.filter(&mut held[start..]);
            let complete = profile.at == profile.size;
            // Maximum 65 parts, for a profile of the maximum size.
            let count = u8::try_from(profile.size.div_ceil(SEGMENT)).unwrap_or(u8::MAX);
            while held.len() >= SEGMENT || (complete && !held.is_empty()) {
                let length = held.len().min(SEGMENT);
                write_segment_head(0xE2, SEGMENT_HEAD + length, stream);
                stream.put(SEGMENT_NAME);
                stream.put(&[*written, count]);
                stream.put(&held[..length]);
                held.drain(..length);
                *written = written.wrapping_add(1);
            }
            if complete {
                *self = Self::After;
            }
        }
    }
}
