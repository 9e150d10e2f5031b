//! Full-text search: parsing of search texts, inflected forms, spelling correction, and the indexes of both
//! databases.
//!
//! # The same results on both databases
//!
//! PostgreSQL and SQLite each have a full-text index, with different tokenizers. Therefore `words` tokenizes both the
//! stored texts and the search text, and the databases compare the words byte by byte. Their search expressions
//! contain only these words: lowercase ASCII letters and digits.
//!
//! # Ranking
//!
//! A word of the search matches a word of the name, the SKU or the description (with it, those of a brand and of tags) if it is equal to it, is a prefix of
//! it, differs by one typo (`typos`), or is another form of it (`forms`). All words must match, and the weakest match
//! determines the rank: whole words in the name alone come first; see [`index`]. Equal ranks are ordered by creation,
//! oldest first. The index has the same order, so that a page of a word that occurs in a million products takes no
//! longer to read than another.
//!
//! # Typos
//!
//! The [`lexicon`] stores each word of the catalog under every variant that lacks one letter. Corrections are found
//! by equality of variants in an ordinary table, the same way on both databases. PostgreSQL's `pg_trgm` differs: it
//! measures similarity by shared trigrams, which favors long words, and it is an extension that not every database
//! user may install. This module requires no extension.

mod forms;
pub mod graphql;
pub mod index;
pub mod lexicon;
mod typos;
mod words;

pub use words::Document;

use crate::core::error::Result;
use crate::core::text;

/// The maximum length of a search text in characters.
pub const MAX_SEARCH: usize = 100;
/// The maximum number of words used of a search text.
pub const MAX_TERMS: usize = 8;

/// A word that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    pub word: String,
    /// Alternatives: its singular or plural, the compound it is part of, and similar words if it may be misspelled.
    pub alternatives: Vec<String>,
}

/// A parsed search with at least one word. Results match all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    pub terms: Vec<Term>,
}

impl Search {
    /// Parses a search text, without spelling correction. Returns `None` if it contains no word. `field` is the
    /// argument it came from.
    ///
    /// # Errors
    /// A text that is too long or contains control characters.
    pub fn parse(typed: &str, field: &str) -> Result<Option<Self>> {
        let typed = normalize_whitespace(typed);
        text::check_lookup(&typed, MAX_SEARCH, field)?;
        let compounds = words::joined(&typed);
        let mut terms: Vec<Term> = Vec::new();
        for word in words::words(&typed) {
            if terms.len() < MAX_TERMS && terms.iter().all(|term| term.word != word) {
                let compounds = compounds.iter().filter(|(part, _)| *part == word);
                let compounds = compounds.map(|(_, whole)| whole.clone());
                let alternatives = forms::forms(&word).into_iter().chain(compounds).collect();
                terms.push(Term { word, alternatives });
            }
        }
        Ok((!terms.is_empty()).then_some(Self { terms }))
    }
}

/// Normalizes pasted whitespace: line breaks and tabs become spaces, zero-width characters are removed.
fn normalize_whitespace(typed: &str) -> String {
    let has_width =
        |character: &char| !matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    let typed = typed.chars().filter(has_width);
    let typed: String = typed
        .map(|character| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        })
        .collect();
    typed.trim().to_owned()
}
