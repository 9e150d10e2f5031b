//! Finding things by their words: what is typed, what it may stand for, and the indexes of the two databases.
//!
//! # Alike on both databases
//!
//! PostgreSQL and SQLite each have an index of words, and each its own idea of what a word is. So words are made
//! here (`words`), of what is stored and of what is typed, and the databases compare them byte by byte. What reaches a search
//! expression of theirs is nothing but these words: small letters of ASCII and digits.
//!
//! # What fits better
//!
//! A word fits when it is the same, when it is the beginning of one, or when there is one typo (`typos`) between the two or it
//! is another form of it (`forms`);
//! it stands in the name, the SKU or the description. All words must fit, and the worst of them decides: first comes what
//! fits without typos and by whole words, in the names alone; see [`index`]. Where two fit equally well, the one that came
//! first into the shop stands first. That order follows the index, so that a page of a word that a million products have is
//! read no longer than another.
//!
//! # Typos
//!
//! The [`lexicon`] keeps every word of the catalogue under each form of it that lacks a letter: what a misspelt word may
//! stand for is found by equality, on both databases alike, in a table of ours. PostgreSQL's `pg_trgm` would do something
//! else: it tells similar from dissimilar by shared thirds, which favours long words, and is an extension that not everybody
//! may install. Nothing here needs an extension.

mod forms;
pub mod graphql;
pub mod index;
pub mod lexicon;
mod typos;
mod words;

pub use words::Document;

use crate::core::error::Result;
use crate::core::text;

/// How many characters can be searched for.
pub const MAX_SEARCH: usize = 100;
/// How many words of these are looked at.
pub const MAX_TERMS: usize = 8;

/// A word that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    pub word: String,
    /// The words that it may stand for: its singular or plural, the compound that it is a part of, and, if it is misspelt,
    /// those that resemble it.
    pub corrections: Vec<String>,
}

/// What is searched for: at least one word. Everything found has them all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    pub terms: Vec<Term>,
}

impl Search {
    /// Understands what was typed, without what may be misspelt in it; nothing when there is no word in it. `field` is the
    /// argument it came from.
    pub fn parse(typed: &str, field: &str) -> Result<Option<Self>> {
        let typed = unpasted(typed);
        text::check_lookup(&typed, MAX_SEARCH, field)?;
        let compounds = words::joined(&typed);
        let mut terms: Vec<Term> = Vec::new();
        for word in words::words(&typed) {
            if terms.len() < MAX_TERMS && terms.iter().all(|term| term.word != word) {
                let compounds = compounds.iter().filter(|(part, _)| *part == word);
                let compounds = compounds.map(|(_, whole)| whole.clone());
                let corrections = forms::forms(&word).into_iter().chain(compounds).collect();
                terms.push(Term { word, corrections });
            }
        }
        Ok((!terms.is_empty()).then_some(Self { terms }))
    }
}

/// What was typed, without the white space that pasting adds: line ends and tabs are spaces, what has no width is nothing.
fn unpasted(typed: &str) -> String {
    let has_width =
        |letter: &char| !matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    let typed = typed.chars().filter(has_width);
    let typed: String = typed
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .collect();
    typed.trim().to_owned()
}
