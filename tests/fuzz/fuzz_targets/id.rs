//! Ids: each id has exactly one spelling, and other texts are rejected with a sentence.

#![no_main]

use libfuzzer_sys::fuzz_target;
use uuid::Uuid;
use wares::catalog::category::CategoryId;
use wares::core::id::{TypedId, decode, encode};
use wares::catalog::product::entity::ProductId;
use wares::accounts::user::UserId;

fuzz_target!(|bytes: &[u8]| {
    if let Some((pair, rest)) = bytes.split_first_chunk::<32>() {
        let [one, other] = [&pair[..16], &pair[16..]].map(|half| Uuid::from_slice(half).unwrap());
        let prefix = String::from_utf8_lossy(rest);
        let (text, later) = (encode(&prefix, one), encode(&prefix, other));
        assert_eq!(decode(&text), Some((&*prefix, one)));
        assert_eq!(text.cmp(&later), one.cmp(&other));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let read = decode(text);
    if let Some((prefix, uuid)) = read {
        assert_eq!(encode(prefix, uuid), text);
    }
    parses_as::<ProductId>(text, read);
    parses_as::<CategoryId>(text, read);
    parses_as::<UserId>(text, read);
});

fn parses_as<T: TypedId>(text: &str, read: Option<(&str, Uuid)>) {
    let own = read.filter(|(prefix, _)| *prefix == T::PREFIX);
    match (T::parse(text, "id"), own) {
        (Ok(id), Some((_, uuid))) => {
            assert_eq!(id.into(), uuid);
            assert_eq!(id.encode(), text);
        }
        (Err(error), None) => {
            let sentence = format!("This is not the id of a {}.", T::LABEL);
            assert_eq!(error.message(), sentence);
        }
        _ => panic!("{text:?} is parsed inconsistently"),
    }
}
