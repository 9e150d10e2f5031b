//! Full-text search: analysis of texts and search texts, spelling correction, and the indexes of both databases.
//!
//! # The same results on both databases
//!
//! PostgreSQL and SQLite each have a full-text index, with different tokenizers. Therefore the [`Analyzer`] splits both the
//! stored texts and the search text into words, and the databases compare the words byte by byte. Their search expressions
//! contain only these words: letters, digits and marks of Unicode in lower case, and one of the [`marks`] before them.
//!
//! # Ranking
//!
//! A word of the search matches a word of the name, the keys (codes, brand, tags) or the description if it is equal to it,
//! has the same stem or is written together or apart, ends a compound, is a prefix of it, or differs by one typo, or two if
//! nothing else matches (`typos`). All words must match, and the weakest match determines the rank: whole words in the name
//! alone come first; see [`index`]. Equal ranks are ordered by popularity and availability, then by creation, oldest first. The index has the same order, so that a page of a word that occurs in a million
//! products takes no longer to read than another.
//!
//! # Typos
//!
//! The [`lexicon`] stores each word of the catalog under every variant that lacks one letter. Corrections are found
//! by equality of variants in an ordinary table, the same way on both databases. PostgreSQL's `pg_trgm` differs: it
//! measures similarity by shared trigrams, which favors long words, and it is an extension that not every database
//! user may install. This module requires no extension.

mod analysis;
mod analyzer;
pub mod feed;
pub mod generation;
pub mod graphql;
pub mod index;
pub mod key;
pub mod lexicon;
pub mod marks;
mod parse;
pub mod prepare;
pub mod queue;
pub mod time_limit;
pub mod typed;
mod typos;

pub use analyzer::{Analyzer, Document, Texts};
pub use typos::Tolerance;

use std::sync::Arc;

use uuid::Uuid;

use crate::core::language::Language;

/// The maximum length of a search text in characters. The rest is ignored.
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
    /// Words of the index that have a part in common with it.
    pub related: Vec<Related>,
    /// Synonyms of several words. All words of one must match.
    pub phrases: Vec<Vec<String>>,
    /// Similar words of the catalog, if it may be misspelled.
    pub corrections: Vec<String>,
    /// Whether it is so frequent in its language that results need not contain it.
    pub is_stop_word: bool,
    /// Whether it may be misspelled.
    pub tolerates: Tolerance,
}

/// A word of the index that has its last part or its consonants in common with a word that is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Related {
    pub word: String,
    /// Whether it matches as the beginning of a word.
    pub is_beginning: bool,
    /// Whether it is probably another form of the word, or a kind of the thing. Otherwise it ranks after these.
    pub is_close: bool,
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
    /// The products that a search engine has found, best first, if it searched instead of the database.
    pub hits: Option<Arc<[Uuid]>>,
}

impl Search {
    /// Parses a search text, without synonyms and spelling correction. Returns `None` if it contains no word. Of a long
    /// text the beginning is used.
    pub fn parse(typed: &str, language: Language) -> Option<Self> {
        Analyzer::new(language).search(typed)
    }
}
