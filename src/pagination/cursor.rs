//! Cursors: places in a list, as clients hold them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{Key, Place};

/// A place in its text form: base64url over the key, the id and a CRC-32 that also covers the list's name.
#[derive(Clone, Debug)]
pub struct Cursor(Vec<u8>);

const INT: u8 = 1;
const TEXT: u8 = 2;
const CHECKSUM: usize = 4;
const ID: usize = 16;

impl Cursor {
    /// The cursor of a place in the list of this name.
    pub fn new(place: &Place, list: &str) -> Self {
        let mut bytes = Vec::with_capacity(64);
        match &place.key {
            Key::Int(number) => {
                bytes.push(INT);
                bytes.extend(number.to_be_bytes());
            }
            Key::Text(text) => {
                bytes.push(TEXT);
                bytes.extend(text.as_bytes());
            }
        }
        bytes.extend(place.id.as_bytes());
        bytes.extend(checksum(&bytes, list));
        Self(bytes)
    }

    /// The text form.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Reads the text form; nothing when it is malformed, altered or of another list.
    pub fn decode(text: &str, list: &str) -> Option<Place> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (rest, sum) = bytes.split_last_chunk::<CHECKSUM>()?;
        if *sum != checksum(rest, list) {
            return None;
        }
        let (rest, id) = rest.split_last_chunk::<ID>()?;
        let key = match rest.split_first()? {
            (&INT, number) => Key::Int(i64::from_be_bytes(number.try_into().ok()?)),
            (&TEXT, text) => Key::Text(String::from_utf8(text.to_vec()).ok()?),
            _ => return None,
        };
        Some(Place {
            key,
            id: Uuid::from_bytes(*id),
        })
    }
}

fn checksum(bytes: &[u8], list: &str) -> [u8; CHECKSUM] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(list.as_bytes());
    hasher.update(bytes);
    hasher.finalize().to_be_bytes()
}
