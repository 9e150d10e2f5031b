//! Prepares a parsed search: adds synonyms, and reduces it to the words that fit if no result has all of them.

use std::ops::Range;

use super::{Analyzer, Required, Search, Term, key, marks};

/// The maximum number of forms and phrases that synonyms add to a term.
const MAX_ALTERNATIVES: usize = 60;

/// How much of a search its results match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    All,
    Partial,
    None,
}

/// Adjacent terms that synonyms may exist for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    terms: Range<usize>,
    pub key: String,
}

/// Returns all runs of adjacent terms.
pub fn runs(search: &Search) -> Vec<Run> {
    let count = search.terms.len();
    let ranges = (0..count).flat_map(|start| (start + 1..=count).map(move |end| start..end));
    let run = |terms: Range<usize>| Run {
        key: key::key(&search.terms[terms.clone()]),
        terms,
    };
    ranges.map(run).collect()
}

/// Adds the synonyms of a run, given by their keys, as alternatives of each of its terms: `(sofa or futon) and (bed or
/// futon)` is the same as `(sofa and bed) or futon`.
pub fn add_synonyms(search: &mut Search, run: &Run, synonyms: &[String], analyzer: Analyzer) {
    for term in &mut search.terms[run.terms.clone()] {
        for synonym in synonyms {
            if term.forms.len() + term.phrases.len() >= MAX_ALTERNATIVES {
                break;
            }
            let words: Vec<String> = synonym.split_whitespace().map(Into::into).collect();
            match words.as_slice() {
                [] => {}
                [word] if *word == term.word || term.forms.contains(word) => {}
                [word] => {
                    term.forms.push(word.clone());
                    let stem = word.strip_prefix(marks::STEM).unwrap_or(word);
                    analyzer.push_compounds(stem, term);
                }
                _ if term.phrases.contains(&words) => {}
                _ => term.phrases.push(words),
            }
        }
    }
}

/// A search as it is executed, and how much of it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub search: Search,
    pub matched: Matched,
    /// The words that nothing matches, apart from stop words.
    pub ignored: Vec<String>,
}

impl Resolved {
    /// Returns a search whose results match all words.
    pub const fn all(search: Search) -> Self {
        Self {
            search,
            matched: Matched::All,
            ignored: Vec::new(),
        }
    }

    /// Reduces a search to the words that match something, and to as many of them as the best results have: all but those at
    /// the indexes `unmatched`, and `best`.
    pub fn partial(search: Search, unmatched: &[usize], best: usize) -> Self {
        let has_other = search.terms.iter().any(|term| !term.is_stop_word);
        let counts = |term: &Term| !(term.is_stop_word && has_other);
        let is_unmatched = |index: &usize| unmatched.contains(index);
        let (mut matching, mut ignored) = (Vec::new(), Vec::new());
        for (index, term) in search.terms.iter().enumerate() {
            if !is_unmatched(&index) {
                matching.push(term.clone());
            } else if counts(term) {
                ignored.push(term.word.clone());
            }
        }
        let required = matching.iter().filter(|term| counts(term)).count();
        if required == 0 || best == 0 {
            return Self {
                search,
                matched: Matched::None,
                ignored,
            };
        }
        let required = if best >= required {
            Required::All
        } else {
            Required::AtLeast(best)
        };
        let search = Search {
            exact: None,
            terms: matching,
            required,
            hits: None,
        };
        Self {
            search,
            matched: Matched::Partial,
            ignored,
        }
    }
}
