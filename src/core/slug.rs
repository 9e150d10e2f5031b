//! Slugs: names of objects in URLs, generated from their names or chosen.

use deunicode::deunicode_with_tofu;
use unicode_normalization::char::is_combining_mark;

use crate::core::text::{MAX_SLUG, clean_line, normalise};

/// The maximum length of a generated slug in bytes, which leaves space for a number.
const MAX_GENERATED: usize = 180;

/// Generates a slug from a name: `Crème brûlée` becomes `creme-brulee`. Returns `fallback` if the name has no
/// letters.
pub fn from_name(name: &str, fallback: &str) -> String {
    let mut slug = String::new();
    for character in deunicode_with_tofu(&normalise(name), "").chars() {
        // Apostrophes do not separate words.
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if character != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= MAX_GENERATED {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { fallback } else { slug }.to_owned()
}

/// Validates and normalises a chosen slug: lower-case letters and digits of any script, in words separated by single
/// hyphens. Invisible characters are removed.
pub fn check(slug: &str) -> Result<String, &'static str> {
    let slug = normalise(clean_line(slug).trim());
    if slug.chars().nth(MAX_SLUG).is_some() {
        return Err("At most 200 characters are allowed.");
    }
    let character = |character: char| {
        (character.is_alphanumeric() || is_combining_mark(character))
            && character.to_lowercase().eq([character])
    };
    let word = |word: &str| {
        word.chars().next().is_some_and(char::is_alphanumeric) && word.chars().all(character)
    };
    if slug.split('-').all(word) {
        Ok(slug)
    } else {
        Err("A slug consists of lower-case letters and digits, with single hyphens between words.")
    }
}

/// Returns the candidates for a generated slug in order of preference: `lamp`, `lamp-2`, ... and finally one with a
/// random suffix, so that a very common name costs no more than another.
pub fn candidates(base: &str) -> Vec<String> {
    let numbered = (2..=20).map(|number| format!("{base}-{number}"));
    let with_random_suffix = format!("{base}-{:08x}", rand::random::<u32>());
    std::iter::once(base.to_owned())
        .chain(numbered)
        .chain([with_random_suffix])
        .collect()
}
