//! Completes a partly typed search text with words of names that match it.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::catalog::search::typed::TypedText;
use crate::catalog::search::{Analyzer, Search, Term, key};

/// A completed text.
struct Completion {
    text: String,
    /// The number of names that have the word.
    names: usize,
}

/// Returns search texts whose last word is completed by a word of a name, most frequent first. The words before are
/// kept, or replaced by their corrections. `search` is that of `typed`; its results have these names.
pub fn complete<'a>(
    typed: &str,
    search: &Search,
    names: impl Iterator<Item = &'a str>,
    analyzer: Analyzer,
) -> Vec<String> {
    let text = TypedText::new(typed, analyzer);
    let (Some(last), Some(before)) = (search.terms.last(), text.before_last_word()) else {
        return Vec::new();
    };
    let mut completions: Vec<Completion> = Vec::new();
    for name in names {
        let name = TypedText::new(name, analyzer);
        let words: Vec<_> = name.single_words().collect();
        let corrected = corrections(&search.terms, &words);
        let replacements = corrected.iter();
        let replacements = replacements.map(|(word, other)| (*word, other.as_str()));
        let before = before.replace(&replacements.collect());
        for (spelling, word) in &words {
            if !completes(last, word) || is_same(last, spelling, analyzer) {
                continue;
            }
            let text = format!("{before} {}", spelling.to_lowercase());
            let text = text.trim_start().to_owned();
            match completions.iter_mut().find(|found| found.text == text) {
                Some(found) => found.names += 1,
                None => completions.push(Completion { text, names: 1 }),
            }
        }
    }
    // Equally frequent ones in the order of their first name.
    completions.sort_by_key(|completion| Reverse(completion.names));
    completions.into_iter().map(|found| found.text).collect()
}

/// Returns the words that a name contains only as a correction, with their spelling in it.
fn corrections<'a>(terms: &'a [Term], words: &[(&str, &str)]) -> HashMap<&'a str, String> {
    let of_term = |term: &'a Term| {
        if words.iter().any(|(_, word)| word.starts_with(&term.word)) {
            return None;
        }
        let is_correction = |word: &str| term.corrections.iter().any(|other| other == word);
        let (spelling, _) = words.iter().find(|(_, word)| is_correction(word))?;
        Some((term.word.as_str(), spelling.to_lowercase()))
    };
    terms.iter().filter_map(of_term).collect()
}

fn completes(last: &Term, word: &str) -> bool {
    word.starts_with(&last.word) || last.corrections.iter().any(|other| other == word)
}

/// Whether a word is the typed one, or another form of it, which finds the same.
fn is_same(last: &Term, spelling: &str, analyzer: Analyzer) -> bool {
    let search = analyzer.search(spelling).unwrap_or_default();
    let [term] = search.terms.as_slice() else {
        return false;
    };
    key::key_word(term) == key::key_word(last) || term.forms.contains(&last.word)
}
