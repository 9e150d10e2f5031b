//! The orientation, the only metadata of a photo that is retained.

use serde::{Deserialize, Serialize};

const TAG: u16 = 0x0112;
const SHORT: u16 = 3;
/// The prefix of EXIF in a JPEG, which some files of other formats contain by mistake.
pub const PREFIX: &[u8] = b"Exif\0\0";

/// How stored pixels are rotated and mirrored for display: 1 (not at all) to 8, as defined by EXIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orientation(u8);

impl Orientation {
    /// As stored.
    pub const UPRIGHT: Self = Self(1);

    /// Returns the EXIF value, 1 to 8.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Reads the orientation from an EXIF block. Defaults to upright if it can't be read.
    pub(super) fn read(block: &[u8]) -> Self {
        let block = block.strip_prefix(PREFIX).unwrap_or(block);
        find(block).unwrap_or(Self::UPRIGHT)
    }

    /// Returns a minimal EXIF block with this orientation.
    pub(super) fn block(self) -> [u8; 26] {
        let mut block = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
        block[18] = self.0;
        block
    }

    /// Returns width and height after rotation.
    pub(super) fn turn(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.0 >= 5 {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Returns the stored position of a displayed pixel, for an image stored with these sides.
    pub(super) fn stored_at(
        self,
        (x, y): (usize, usize),
        (width, height): (usize, usize),
    ) -> (usize, usize) {
        match self.0 {
            2 => (width - 1 - x, y),
            3 => (width - 1 - x, height - 1 - y),
            4 => (x, height - 1 - y),
            5 => (y, x),
            6 => (y, height - 1 - x),
            7 => (width - 1 - y, height - 1 - x),
            8 => (width - 1 - y, x),
            _ => (x, y),
        }
    }
}

fn find(block: &[u8]) -> Option<Orientation> {
    let big = match block.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = block.get(at..)?.first_chunk::<2>()?;
        Some(if big {
            u16::from_be_bytes(*bytes)
        } else {
            u16::from_le_bytes(*bytes)
        })
    };
    let first = block.get(4..)?.first_chunk::<4>()?;
    let first = if big {
        u32::from_be_bytes(*first)
    } else {
        u32::from_le_bytes(*first)
    };
    let directory = usize::try_from(first).ok()?;
    if directory > block.len() {
        return None;
    }
    let entries = (0..usize::from(short(directory)?)).map(|entry| directory + 2 + entry * 12);
    let mut entries = entries.take_while(|entry| entry + 12 <= block.len());
    let entry = entries.find(|entry| short(*entry) == Some(TAG))?;
    if short(entry + 2)? != SHORT {
        return None;
    }
    let number = u8::try_from(short(entry + 8)?).ok()?;
    (1..=8).contains(&number).then_some(Orientation(number))
}
