//! Keys by which the terms of a search are compared with stored texts, such as synonyms.

use super::{Term, marks};

/// Returns the word by which a term is compared: its stem if its language has one, so that singular and plural are the
/// same.
pub fn key_word(term: &Term) -> &str {
    let stem = term.forms.iter().find(|form| form.starts_with(marks::STEM));
    stem.unwrap_or(&term.word)
}

/// Returns the key of adjacent terms.
pub fn key(terms: &[Term]) -> String {
    let words: Vec<_> = terms.iter().map(key_word).collect();
    words.join(" ")
}
