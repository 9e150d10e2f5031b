//! Cursors: decoding returns the encoded position, and rejects cursors that were altered or belong to another list.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;
use wares::core::pagination::fuzzing::{Cursor, CursorOrder};
use wares::core::pagination::{Key, KeyKind, Place};
use wares::core::text;

fuzz_target!(|bytes: &[u8]| {
    is_read_in_one_way(&String::from_utf8_lossy(bytes));
    // With a valid checksum, so that the rest of the decoder is reached.
    for order in orders() {
        let mut sealed = bytes.to_vec();
        let sum = crc32fast::hash(&[order.name.as_bytes(), bytes].concat());
        sealed.extend(sum.to_be_bytes());
        is_read_in_one_way(&URL_SAFE_NO_PAD.encode(sealed));
    }
    let Some((id, rest)) = bytes.split_first_chunk::<16>() else {
        return;
    };
    let id = Uuid::from_bytes(*id);
    if let Some((number, altered)) = rest.split_first_chunk::<8>() {
        let key = Key::Int(i64::from_be_bytes(*number));
        comes_back(&Place { key, id }, altered);
    }
    // Every sort key of the server must be a valid key of a cursor.
    if let Ok(name) = text::check_name(&String::from_utf8_lossy(rest)) {
        let key = Key::Text(text::sort_key(&name));
        comes_back(&Place { key, id }, rest);
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

fn is_read_in_one_way(text: &str) {
    let mut read = 0;
    for order in orders() {
        if let Some(place) = Cursor::decode(text, &order) {
            assert_eq!(Cursor::new(&place, &order).encode(), text);
            read += 1;
        }
    }
    assert!(read <= 1, "{text:?} decodes as a cursor of two lists");
}

fn comes_back(place: &Place, altered: &[u8]) {
    for order in orders() {
        let fits = matches!(
            (&place.key, order.kind),
            (Key::Int(_), KeyKind::Int) | (Key::Text(_), KeyKind::Text)
        );
        let cursor = Cursor::new(place, &order).encode();
        assert_eq!(Cursor::decode(&cursor, &order), fits.then(|| place.clone()));
        // Alters one character.
        let (Some(at), Some(by)) = (altered.first(), altered.last()) else {
            continue;
        };
        let mut letters = cursor.into_bytes();
        let at = usize::from(*at) % letters.len();
        let letter = by % 128;
        if letters[at] != letter {
            letters[at] = letter;
            let wrong = String::from_utf8(letters).unwrap();
            assert_eq!(Cursor::decode(&wrong, &order), None);
        }
    }
}
