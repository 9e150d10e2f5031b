//! Compounds that are written as one word: a `Kochtopf` is a `Topf`. The last part says what a thing is.
//!
//! The index has the stem of each longer word written backwards, so that a search for an ending is one for a beginning.
//! No dictionary is needed, and a document is analyzed the same whatever other documents contain.

use crate::catalog::search::marks;
use crate::core::language::Language;

/// Minimum length of the parts before the last one, in characters.
const MIN_REST: usize = 3;

/// How a language builds compounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compounds {
    /// Minimum length of the last part, in characters of its stem.
    min_part: usize,
    /// Minimum length of a last part that nearly always is one: `eis` is none in `Gewürzreis`.
    min_reliable: usize,
}

impl Compounds {
    /// Returns `None` for a language that separates the parts by spaces.
    pub fn of(language: Language) -> Option<Self> {
        match language.code() {
            "da" | "de" | "fi" | "nb" | "nl" | "nn" | "no" | "sv" => Some(Self {
                min_part: 3,
                min_reliable: 4,
            }),
            // Only some words, such as `smartwatch`.
            "en" => Some(Self {
                min_part: 4,
                min_reliable: usize::MAX,
            }),
            _ => None,
        }
    }

    /// Returns the word of the index by which a word with this stem is found by its last part. `None` for short words.
    pub fn indexed(self, stem: &str) -> Option<String> {
        let is_long = stem.chars().count() >= self.min_part + MIN_REST;
        is_long.then(|| backwards(stem))
    }

    /// Returns the beginning of the words of the index that end with this stem, and whether they probably are compounds
    /// with it. `None` if it is too short.
    pub fn searched(self, stem: &str) -> Option<(String, bool)> {
        let length = stem.chars().count();
        (length >= self.min_part).then(|| (backwards(stem), length >= self.min_reliable))
    }
}

fn backwards(stem: &str) -> String {
    marks::ROOT.chars().chain(stem.chars().rev()).collect()
}
