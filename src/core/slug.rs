//! Slugs: the places of things in addresses, made from their names or chosen.

use deunicode::deunicode_with_tofu;
use unicode_normalization::char::is_combining_mark;

use crate::core::text::{MAX_SLUG, normalise};

/// How long a slug is made at the most, so that a number still fits behind it.
const MAX_MADE: usize = 180;

/// The slug that a name makes: `Crème brûlée` makes `creme-brulee`. Of a name without letters, `fallback` is made.
pub fn from_name(name: &str, fallback: &str) -> String {
    let mut slug = String::new();
    for letter in deunicode_with_tofu(&normalise(name), "").chars() {
        // Apostrophes hold words together.
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if letter != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= MAX_MADE {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { fallback } else { slug }.to_owned()
}

/// A slug that somebody has chosen, as it is stored: small letters and digits of any script, in words with one hyphen
/// between them.
pub fn check(slug: &str) -> Result<String, &'static str> {
    let slug = normalise(slug.trim());
    if slug.chars().nth(MAX_SLUG).is_some() {
        return Err("At most 200 characters are allowed.");
    }
    let letter = |letter: char| {
        (letter.is_alphanumeric() || is_combining_mark(letter))
            && letter.to_lowercase().eq([letter])
    };
    let word = |word: &str| {
        word.chars().next().is_some_and(char::is_alphanumeric) && word.chars().all(letter)
    };
    if slug.split('-').all(word) {
        Ok(slug)
    } else {
        Err("A slug is small letters and digits, with single hyphens between words.")
    }
}

/// What may become of a slug that is made, the best first: `lamp`, `lamp-2`, ... and at last one with a number of chance,
/// so that a name that everybody uses costs no more than another.
pub fn candidates(base: &str) -> Vec<String> {
    let numbered = (2..=20).map(|number| format!("{base}-{number}"));
    let by_chance = format!("{base}-{:08x}", rand::random::<u32>());
    std::iter::once(base.to_owned())
        .chain(numbered)
        .chain([by_chance])
        .collect()
}
