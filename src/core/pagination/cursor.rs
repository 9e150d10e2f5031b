//! Cursors: positions in a list, as sent to clients.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{Key, KeyKind, RowPosition};
use crate::core::text;

/// The order of the list that a cursor belongs to.
#[derive(Clone, Debug)]
pub struct CursorOrder {
    /// The list, the sort field and the direction.
    pub name: String,
    /// The type of the sort key.
    pub kind: KeyKind,
}

/// An encoded position: base64url over the sort key, the id and a CRC-32 that also covers the order's name. The
/// checksum detects mistakes, not forgery; a forged cursor leads to an ordinary page.
#[derive(Clone, Debug)]
pub struct Cursor(Vec<u8>);

const INT: u8 = 1;
const TEXT: u8 = 2;
const CHECKSUM: usize = 4;
const ID: usize = 16;
/// The maximum length of a sort key in characters: that of an email address.
const MAX_KEY: usize = 254;

impl Cursor {
    /// Creates the cursor of a position in a list of this order.
    pub fn new(row_position: &RowPosition, order: &CursorOrder) -> Self {
        let mut bytes = Vec::with_capacity(64);
        match &row_position.key {
            Key::Int(number) => {
                bytes.push(INT);
                bytes.extend(number.to_be_bytes());
            }
            Key::Text(text) => {
                bytes.push(TEXT);
                bytes.extend(text.as_bytes());
            }
        }
        bytes.extend(row_position.id.as_bytes());
        bytes.extend(checksum(&bytes, order));
        Self(bytes)
    }

    /// Returns the text form.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Parses the text form; `None` if it is malformed, altered or of another order.
    pub fn decode(text: &str, order: &CursorOrder) -> Option<RowPosition> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (rest, sum) = bytes.split_last_chunk::<CHECKSUM>()?;
        if *sum != checksum(rest, order) {
            return None;
        }
        let (rest, id) = rest.split_last_chunk::<ID>()?;
        let key = match (rest.split_first()?, order.kind) {
            ((&INT, number), KeyKind::Int) => Key::Int(i64::from_be_bytes(number.try_into().ok()?)),
            ((&TEXT, key), KeyKind::Text) => {
                let key = String::from_utf8(key.to_vec()).ok()?;
                text::check_lookup(&key, MAX_KEY, "").ok()?;
                Key::Text(key)
            }
            _ => return None,
        };
        Some(RowPosition {
            key,
            id: Uuid::from_bytes(*id),
        })
    }
}

fn checksum(bytes: &[u8], order: &CursorOrder) -> [u8; CHECKSUM] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(order.name.as_bytes());
    hasher.update(bytes);
    hasher.finalize().to_be_bytes()
}
