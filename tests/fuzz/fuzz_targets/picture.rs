//! Image cleaning: the result does not depend on chunk boundaries and does not change when it is cleaned again. It
//! can be decoded, or is rejected with a sentence.

#![no_main]

use std::io::Cursor;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use wares::infra::image::{Cleaned, Cleaner, Failure, Limits, Refusal};

const LIMITS: Limits = Limits { pixels: 100_000 };

fuzz_target!(|bytes: &[u8]| {
    let Some((size, file)) = bytes.split_first() else {
        return;
    };
    let size = usize::from(*size) + 1;
    check_image(file, size);
    check_image(&with_valid_checksums(file), size);
});

fn check_image(file: &[u8], size: usize) {
    let whole = clean(file, file.len().max(1));
    assert_eq!(whole, clean(file, size), "the result depends on chunk boundaries");
    let (kept, cleaned) = match whole {
        Ok(cleaned) => cleaned,
        Err(refusal) => return is_sentence(&refusal),
    };
    // A marker may be added, and a profile recompressed.
    assert!(kept.len() <= file.len() + 256);
    let (again, header) = clean(&kept, size)
        .map(|(again, cleaned)| (again, cleaned.header))
        .expect("a cleaned image must be accepted");
    assert!(again == kept, "a second cleaning removed more");
    assert_eq!(header, cleaned.header);
    match cleaned.examine(Cursor::new(kept), LIMITS) {
        Ok(placeholder) => assert!(placeholder.len() < 1_024 && placeholder.is_ascii()),
        Err(Failure::Refused(refusal)) => is_sentence(&refusal),
        Err(Failure::Io(error)) => panic!("decoding failed with an I/O error: {error}"),
    }
}

fn clean(file: &[u8], size: usize) -> Result<(Vec<u8>, Cleaned), Refusal> {
    let mut cleaner = Cleaner::new(LIMITS);
    let mut kept = Vec::new();
    for piece in file.chunks(size) {
        for piece in cleaner.push(Bytes::copy_from_slice(piece))? {
            kept.extend_from_slice(&piece);
        }
    }
    let cleaned = cleaner.finish()?;
    kept.extend_from_slice(&cleaned.rest());
    Ok((kept, cleaned))
}

fn is_sentence(refusal: &Refusal) {
    let sentence = &refusal.0;
    assert!(sentence.ends_with('.') && sentence.len() < 200);
}

/// Corrects the checksums of PNG chunks, which random changes would not find.
fn with_valid_checksums(file: &[u8]) -> Vec<u8> {
    let mut with_valid_checksums = file.to_vec();
    let mut at = 8;
    while let Some(length) = with_valid_checksums.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let end = at + 8 + length;
        let Some(data) = with_valid_checksums.get(at + 4..end) else {
            break;
        };
        let sum = crc32fast::hash(data).to_be_bytes();
        let Some(place) = with_valid_checksums.get_mut(end..end + 4) else {
            break;
        };
        place.copy_from_slice(&sum);
        at = end + 4;
    }
    with_valid_checksums
}
