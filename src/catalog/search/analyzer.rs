//! The analyzer: turns stored texts into the words of the index, and a search text into the words to look for.

use super::words::{self, Document};
use super::{MAX_TERMS, Search, Term, forms};
use crate::core::language::Language;

/// The analysis of texts in a language. The same for both databases, and for indexing and searching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analyzer {
    language: Language,
}

/// The texts that a product or a category is found by.
#[derive(Clone, Debug, Default)]
pub struct Texts<'a> {
    pub name: &'a str,
    /// SKUs and barcodes.
    pub codes: Vec<&'a str>,
    /// Short texts beside the name: the brand, tags, option values, names of categories, attributes.
    pub labels: Vec<&'a str>,
    pub description: &'a str,
}

/// Changes when the same text is analyzed differently than before, so that stored words are outdated.
const VERSION: u32 = 1;

impl Analyzer {
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// Identifies the analysis: indexes with another version have to be rebuilt.
    pub fn version(&self) -> String {
        format!("{}-{VERSION}", self.language.code())
    }

    /// Returns the words to index.
    pub fn document(&self, texts: &Texts<'_>) -> Document {
        let mut rest = texts.labels.clone();
        rest.push(texts.description);
        Document::new(texts.name, Some(&texts.codes.join(" ")), &rest.join("\n"))
    }

    /// Parses a search text, without synonyms and corrections. Returns `None` if it contains no word.
    pub fn search(&self, typed: &str) -> Option<Search> {
        let compounds = words::joined(typed);
        let mut terms: Vec<Term> = Vec::new();
        for word in words::words(typed) {
            if terms.len() < MAX_TERMS && terms.iter().all(|term| term.word != word) {
                let compounds = compounds.iter().filter(|(part, _)| *part == word);
                let compounds = compounds.map(|(_, whole)| whole.clone());
                let forms = forms::forms(&word).into_iter().chain(compounds).collect();
                terms.push(Term {
                    word,
                    forms,
                    ..Term::default()
                });
            }
        }
        let search = Search {
            terms,
            ..Search::default()
        };
        (!search.terms.is_empty()).then_some(search)
    }
}
