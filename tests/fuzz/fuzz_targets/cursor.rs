//! Cursors: decoding returns the encoded position, and rejects cursors that were altered or belong to another list.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;
use wares::core::pagination::fuzzing::{Cursor, CursorOrder};
use wares::core::pagination::{Key, KeyKind, RowPosition};
use wares::core::text;

fuzz_target!(|bytes: &[u8]| {
    has_single_encoding(&String::from_utf8_lossy(bytes));
    // With a valid checksum, so that the rest of the decoder is reached.
    for order in orders() {
        let mut sealed = bytes.to_vec();
        let sum = crc32fast::hash(&[order.name.as_bytes(), bytes].concat());
        sealed.extend(sum.to_be_bytes());
        has_single_encoding(&URL_SAFE_NO_PAD.encode(sealed));
    }
    let Some((id, rest)) = bytes.split_first_chunk::<16>() else {
        return;
    };
    let id = Uuid::from_bytes(*id);
    if let Some((number, altered)) = rest.split_first_chunk::<8>() {
        let key = Key::Int(i64::from_be_bytes(*number));
        round_trips(&RowPosition { key, id }, altered);
    }
    // Every sort key of the server must be a valid key of a cursor.
    if let Ok(name) = text::check_name(&String::from_utf8_lossy(rest)) {
        let key = Key::Text(text::sort_key(&name));
        round_trips(&RowPosition { key, id }, rest);
    }
});

fn orders() -> [CursorOrder; 3] {
    let order = |name: &str, kind| CursorOrder {
        name: name.to_owned(),
        kind,
    };
    [
        order("products by name ascending", KeyKind::Text),
        order("products by name descending", KeyKind::Text),
        order("products by created ascending", KeyKind::Int),
    ]
}

fn has_single_encoding(text: &str) {
    let mut read = 0;
    for order in orders() {
        if let Some(row_position) = Cursor::decode(text, &order) {
            assert_eq!(Cursor::new(&row_position, &order).encode(), text);
            read += 1;
        }
    }
    assert!(read <= 1, "{text:?} decodes as a cursor of two lists");
}

fn round_trips(row_position: &RowPosition, altered: &[u8]) {
    for order in orders() {
        let fits = matches!(
            (&row_position.key, order.kind),
            (Key::Int(_), KeyKind::Int) | (Key::Text(_), KeyKind::Text)
        );
        let cursor = Cursor::new(row_position, &order).encode();
        assert_eq!(Cursor::decode(&cursor, &order), fits.then(|| row_position.clone()));
        // Alters one character.
        let (Some(at), Some(by)) = (altered.first(), altered.last()) else {
            continue;
        };
        let mut characters = cursor.into_bytes();
        let at = usize::from(*at) % characters.len();
        let character = by % 128;
        if characters[at] != character {
            characters[at] = character;
            let wrong = String::from_utf8(characters).unwrap();
            assert_eq!(Cursor::decode(&wrong, &order), None);
        }
    }
}
