//! Pictures: what is kept of one is the same however it comes cut, stays as it is when it comes again, and can be decoded or
//! is refused in a sentence.

#![no_main]

use std::io::Cursor;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use wares::picture::{Cleaner, Failure, Header, Limits, Refusal, examine};

const LIMITS: Limits = Limits { pixels: 100_000 };

fuzz_target!(|bytes: &[u8]| {
    let Some((size, file)) = bytes.split_first() else {
        return;
    };
    let size = usize::from(*size) + 1;
    judge(file, size);
    judge(&mended(file), size);
});

fn judge(file: &[u8], size: usize) {
    let whole = clean(file, file.len().max(1));
    assert_eq!(whole, clean(file, size), "it matters how a picture comes");
    let (kept, header) = match whole {
        Ok(cleaned) => cleaned,
        Err(refusal) => return is_sentence(&refusal),
    };
    assert!(kept.len() <= file.len());
    let again = clean(&kept, size);
    assert_eq!(again, Ok((kept.clone(), header)), "more could be removed");
    match examine(header, Cursor::new(kept), LIMITS) {
        Ok(placeholder) => assert!(placeholder.len() < 1_024 && placeholder.is_ascii()),
        Err(Failure::Refused(refusal)) => is_sentence(&refusal),
        Err(Failure::Io(error)) => panic!("a picture broke something: {error}"),
    }
}

fn clean(file: &[u8], size: usize) -> Result<(Vec<u8>, Header), Refusal> {
    let mut cleaner = Cleaner::new(LIMITS);
    let mut kept = Vec::new();
    for piece in file.chunks(size) {
        for piece in cleaner.push(Bytes::copy_from_slice(piece))? {
            kept.extend_from_slice(&piece);
        }
    }
    cleaner.finish().map(|header| (kept, header))
}

fn is_sentence(refusal: &Refusal) {
    let sentence = &refusal.0;
    assert!(sentence.ends_with('.') && sentence.len() < 200);
}

/// The chunks of a PNG with sums that are right, which nobody would find by chance.
fn mended(file: &[u8]) -> Vec<u8> {
    let mut mended = file.to_vec();
    let mut at = 8;
    while let Some(length) = mended.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let end = at + 8 + length;
        let Some(data) = mended.get(at + 4..end) else {
            break;
        };
        let sum = crc32fast::hash(data).to_be_bytes();
        let Some(place) = mended.get_mut(end..end + 4) else {
            break;
        };
        place.copy_from_slice(&sum);
        at = end + 4;
    }
    mended
}
