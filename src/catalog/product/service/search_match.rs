//! How products match a search: whether all words do, and the words that corrections of its misspelled words mean.

use std::sync::Arc;

use crate::catalog::product::repository;
use crate::catalog::search::{Required, Search, Term, time_limit};
use crate::core::error::Result;
use crate::core::viewer::Audience;
use crate::infra::database::Database;

/// The maximum number of corrections that are tried for a word.
const MAX_TRIED: usize = 8;
/// The maximum number of searches that are counted for one.
pub const MAX_COUNTED: usize = 64;
/// Products counted for each correction.
const MAX_COUNT: u64 = 100;
/// A word that products contain is probably misspelled if its correction finds this many times more of them.
const SUGGESTION_RATIO: i64 = 20;
/// A word that no text contains: longer than all words of the index.
const NO_WORD: &str =
    "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

/// A misspelled word of a search with the word it probably means.
pub type Correction = (String, String);

/// Returns, for each search, the indexes of the words that match none of the products that the audience may see. `None` if a
/// product matches all words.
pub async fn unmatched_terms(
    db: &Database,
    audience: Audience,
    searches: &[Search],
) -> Result<Vec<Option<Vec<usize>>>> {
    let reader = time_limit::reader(db, audience);
    let mut unmatched = Vec::with_capacity(searches.len());
    for search in searches {
        let found = repository::unmatched_terms(&reader, audience, search).await;
        unmatched.push(found.map_err(|error| time_limit::error(audience, error))?);
    }
    Ok(unmatched)
}

/// Returns how many words of each search a product matches, at most, apart from those that match none, which are given by
/// their indexes.
pub async fn best_counts(
    db: &Database,
    audience: Audience,
    searches: &[(Search, Arc<[usize]>)],
) -> Result<Vec<usize>> {
    let reader = time_limit::reader(db, audience);
    let mut counts = Vec::with_capacity(searches.len());
    for (search, unmatched) in searches {
        let count = repository::best_count(&reader, audience, search, unmatched).await;
        counts.push(count.map_err(|error| time_limit::error(audience, error))?);
    }
    Ok(counts)
}

/// Returns the corrections of the words of each search that are probably misspelled: products match the correction, and
/// none or only few match the word itself. Runs one statement.
pub async fn corrections_of(
    db: &Database,
    audience: Audience,
    searches: &[Search],
) -> Result<Vec<Vec<Correction>>> {
    let candidates: Vec<_> = searches.iter().map(candidates).collect();
    let all = candidates.iter().flatten();
    let counted: Vec<_> = all.map(|candidate| candidate.search.clone()).collect();
    let counts = if counted.is_empty() {
        Vec::new()
    } else {
        let reader = time_limit::reader(db, audience);
        let counts = repository::count_matches(&reader, audience, &counted, MAX_COUNT).await;
        counts.map_err(|error| time_limit::error(audience, error))?
    };
    let mut counts = counts.into_iter();
    let best = |candidates: &Vec<Candidate>| {
        let counts: Vec<_> = counts.by_ref().take(candidates.len()).collect();
        choose(candidates, &counts)
    };
    Ok(candidates.iter().map(best).collect())
}

/// A search in which a word is replaced by one of its corrections, or is left without them.
#[derive(Debug)]
struct Candidate {
    word: String,
    correction: Option<String>,
    search: Search,
}

fn candidates(search: &Search) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (index, term) in search.terms.iter().enumerate() {
        if term.corrections.is_empty() {
            continue;
        }
        let with = |term: Term, correction: Option<&String>| Candidate {
            word: term_word(search, index),
            correction: correction.cloned(),
            search: replace(search, index, term),
        };
        let uncorrected = Term {
            corrections: Vec::new(),
            ..term.clone()
        };
        candidates.push(with(uncorrected, None));
        for correction in term.corrections.iter().take(MAX_TRIED) {
            let whole = Term {
                word: NO_WORD.to_owned(),
                forms: vec![correction.clone()],
                ..Term::default()
            };
            candidates.push(with(whole, Some(correction)));
        }
    }
    candidates.truncate(MAX_COUNTED);
    candidates
}

fn term_word(search: &Search, index: usize) -> String {
    search.terms[index].word.clone()
}

/// Replaces a term. If results need not match all words, the word is searched for alone.
fn replace(search: &Search, index: usize, term: Term) -> Search {
    if search.required != Required::All {
        return Search {
            terms: vec![term],
            ..Search::default()
        };
    }
    let mut terms = search.terms.clone();
    terms[index] = term;
    Search {
        terms,
        ..Search::default()
    }
}

fn choose(candidates: &[Candidate], counts: &[i64]) -> Vec<Correction> {
    let counted: Vec<_> = candidates.iter().zip(counts).collect();
    let of_word = counted.chunk_by(|(one, _), (other, _)| one.word == other.word);
    let best = of_word.filter_map(|tried| {
        let (typed, corrections) = tried.split_first()?;
        // The first of the most frequent ones.
        let (best, count) = corrections.iter().rev().max_by_key(|(_, count)| **count)?;
        let is_better = **count > 0 && **count >= typed.1 * SUGGESTION_RATIO;
        let correction = best.correction.clone().filter(|_| is_better)?;
        Some((best.word.clone(), correction))
    });
    best.collect()
}
