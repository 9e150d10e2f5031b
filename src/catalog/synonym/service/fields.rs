//! The terms of a synonym: validation.

use std::collections::HashSet;

use super::Synonym;
use crate::catalog::search::{Analyzer, MAX_SEARCH, MAX_TERMS, key};
use crate::catalog::synonym::entity::term;
use crate::catalog::synonym::entity::term::Side;
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;

/// The maximum number of terms on each side.
pub(super) const MAX_SYNONYM_TERMS: usize = 20;
/// The maximum number of words of a term.
const MAX_WORDS: usize = 4;

/// The terms of a synonym, as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct SynonymInput {
    pub terms: Patch<Vec<String>>,
    pub from: Patch<Vec<String>>,
    pub to: Patch<Vec<String>>,
}

/// A checked term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub text: String,
    pub key: String,
}

/// The checked terms of a synonym.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Terms {
    pub both: Vec<Term>,
    pub from: Vec<Term>,
    pub to: Vec<Term>,
}

impl SynonymInput {
    /// Applies the input to a synonym, and checks its terms. `before` is `None` for a new one. Terms make it two-way and
    /// clear both sides, a side makes it one-way and clears the terms, unless the input has both.
    pub(super) fn check(
        self,
        before: Option<&Synonym>,
        analyzer: Analyzer,
        validator: &mut Validator,
    ) -> Terms {
        let is_set =
            |patch: &Patch<Vec<String>>| matches!(patch, Patch::Set(list) if !list.is_empty());
        let (sets_terms, sets_side) = (is_set(&self.terms), is_set(&self.from) || is_set(&self.to));
        let known = |list: fn(&Synonym) -> &Vec<String>, is_cleared: bool| {
            before.filter(|_| !is_cleared).map(list).cloned()
        };
        let terms = known(|synonym| &synonym.terms, sets_side);
        let terms = self.terms.apply_to(terms).unwrap_or_default();
        let from = known(|synonym| &synonym.from, sets_terms);
        let from = self.from.apply_to(from).unwrap_or_default();
        let to = known(|synonym| &synonym.to, sets_terms);
        let to = self.to.apply_to(to).unwrap_or_default();
        let is_one_way = !from.is_empty() || !to.is_empty();
        if is_one_way && !terms.is_empty() {
            _ = validator.check::<()>("terms", Err("Pass either `terms`, or `from` and `to`."));
            return Terms::default();
        }
        if !is_one_way {
            let both = check_list(terms, 2, "terms", analyzer, validator);
            return Terms {
                both,
                ..Terms::default()
            };
        }
        let from = check_list(from, 1, "from", analyzer, validator);
        let to = check_list(to, 1, "to", analyzer, validator);
        let sources: HashSet<_> = from.iter().map(|term| &term.key).collect();
        if let Some(term) = to.iter().find(|term| sources.contains(&term.key)) {
            let message = format!("\"{}\" is on both sides.", term.text);
            _ = validator.check::<()>("to", Err(message));
        }
        Terms {
            both: Vec::new(),
            from,
            to,
        }
    }
}

impl Terms {
    /// Returns the sides with their terms.
    pub fn sides(&self) -> impl Iterator<Item = (Side, &Term)> {
        let with = |side: Side| move |term| (side, term);
        let both = self.both.iter().map(with(Side::Both));
        let from = self.from.iter().map(with(Side::From));
        both.chain(from).chain(self.to.iter().map(with(Side::To)))
    }

    /// Returns the text of the first term.
    pub fn first(&self) -> &str {
        self.sides().next().map_or("", |(_, term)| &term.text)
    }

    /// Returns what identifies the synonym in a file: its terms, in any order.
    pub fn identity(&self) -> Vec<(String, String)> {
        identity(self.sides().map(|(side, term)| (side, term.key.as_str())))
    }
}

/// Returns the identity of the terms of a stored synonym, see [`Terms::identity`].
pub(super) fn identity_of(terms: &[term::Model]) -> Vec<(String, String)> {
    identity(terms.iter().map(|term| (term.side, term.key.as_str())))
}

fn identity<'a>(terms: impl Iterator<Item = (Side, &'a str)>) -> Vec<(String, String)> {
    let mut all: Vec<_> = terms
        .map(|(side, key)| (format!("{side:?}"), key.to_owned()))
        .collect();
    all.sort_unstable();
    all
}

fn check_list(
    texts: Vec<String>,
    min: usize,
    field: &str,
    analyzer: Analyzer,
    validator: &mut Validator,
) -> Vec<Term> {
    if !(min..=MAX_SYNONYM_TERMS).contains(&texts.len()) {
        let message = format!("{min} to {MAX_SYNONYM_TERMS} terms are required.");
        _ = validator.check::<()>(field, Err(message));
        return Vec::new();
    }
    let mut keys = HashSet::new();
    let mut terms = Vec::new();
    for text in texts {
        let checked = check_term(&text, analyzer).and_then(|term| {
            if keys.insert(term.key.clone()) {
                Ok(term)
            } else {
                Err(format!("\"{}\" is the same as another term.", term.text))
            }
        });
        terms.extend(validator.check(field, checked));
    }
    terms
}

fn check_term(text: &str, analyzer: Analyzer) -> Result<Term, String> {
    let text = text::check_line(text, MAX_SEARCH)?;
    if text.contains(',') {
        return Err("A term must not contain a comma.".to_owned());
    }
    if text.split_whitespace().count() > MAX_WORDS {
        return Err(format!("A term has at most {MAX_WORDS} words."));
    }
    let key = term_key(&text, analyzer).ok_or("A term must contain a letter or a digit.")?;
    if key.split(' ').count() >= MAX_TERMS {
        return Err(format!("\"{text}\" has too many words."));
    }
    Ok(Term { text, key })
}

/// Returns the key of a term. `None` if it contains no word.
pub(super) fn term_key(text: &str, analyzer: Analyzer) -> Option<String> {
    let search = analyzer.search(text)?;
    Some(key::key(&search.terms))
}
