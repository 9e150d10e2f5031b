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

mod analyzer;
pub mod feed;
mod forms;
pub mod graphql;
pub mod index;
pub mod lexicon;
pub mod queue;
mod typos;
mod words;

pub use analyzer::{Analyzer, Texts};
pub use words::Document;

use crate::core::error::Result;
use crate::core::language::Language;
use crate::core::text;

/// The maximum length of a search text in characters.
pub const MAX_SEARCH: usize = 100;
/// The maximum number of words used of a search text.
pub const MAX_TERMS: usize = 8;

/// A word that is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Term {
    /// The word. It also matches as the beginning of a word.
    pub word: String,
    /// Words of the index that are another form of it: its stem, its singular or plural, the compound it is part of, a
    /// synonym. They match only as a whole.
    pub forms: Vec<String>,
    /// Synonyms of several words. All words of one must match.
    pub phrases: Vec<Vec<String>>,
    /// Similar words of the catalog, if it may be misspelled.
    pub corrections: Vec<String>,
    /// Whether it is so frequent in its language that results need not contain it.
    pub is_stop_word: bool,
}

/// How many terms a result must match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Required {
    #[default]
    All,
    /// At least this number of the terms, because no result matches all.
    AtLeast(usize),
}

/// A parsed search with at least one word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Search {
    /// The word of the index for a name or a code that is equal to the whole search text.
    pub exact: Option<String>,
    pub terms: Vec<Term>,
    pub required: Required,
}

impl Search {
    /// Parses a search text, without synonyms and spelling correction. Returns `None` if it contains no word. `field`
    /// is the argument it came from.
    ///
    /// # Errors
    /// A text that is too long or contains control characters.
    pub fn parse(typed: &str, language: Language, field: &str) -> Result<Option<Self>> {
        let typed = normalize_whitespace(typed);
        text::check_lookup(&typed, MAX_SEARCH, field)?;
        Ok(Analyzer::new(language).search(&typed))
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
