//! Typos: one letter inserted, missing, replaced, or two adjacent letters swapped.
//!
//! Two typos are tolerated in long words that nothing matches. Words that differ by two share a variant only if variants
//! lack two letters: for a word of ten letters that is 56 rows of the lexicon, not 11. Of two typos, at most one is
//! usually in the first five letters or in the last five. Variants of both ends are 12 rows.

use unicode_normalization::char::is_combining_mark;

use super::analysis::fold::is_unspaced;

/// Length of the words with a typo that is tolerated only if nothing else matches, because many words are similar.
const SHORT_WORD: usize = 3;
/// Minimum length of a word with a typo that is always tolerated.
const MIN_WORD: usize = 5;
/// Minimum length of a word with two typos.
const LONG_WORD: usize = 7;
/// Length of each end of a long word. Of two typos, at most one is in one of the ends.
const END: usize = 5;
/// First characters of the variants of the ends of words.
const FIRST_LETTERS: &str = "^";
const LAST_LETTERS: &str = "$";
/// Maximum length of a word that can be a correction.
const MAX_WORD: usize = 30;
/// Maximum length of a word with a typo: one letter more.
const MAX_TYPED: usize = MAX_WORD + 1;

/// Whether a typo in a word of the search is tolerated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tolerance {
    #[default]
    Never,
    /// Only if no row of the catalog contains the word as it is.
    IfNothingElse,
    Always,
}

/// Returns whether a typo in this word of a search is tolerated.
pub fn tolerance(typed: &str) -> Tolerance {
    if !is_letters(typed) {
        return Tolerance::Never;
    }
    match length(typed) {
        SHORT_WORD..MIN_WORD => Tolerance::IfNothingElse,
        MIN_WORD..=MAX_TYPED => Tolerance::Always,
        _ => Tolerance::Never,
    }
}

/// Whether this word can be a correction.
pub fn is_correctable(word: &str) -> bool {
    is_letters(word) && (SHORT_WORD..=MAX_WORD).contains(&length(word))
}

/// Whether a word of the catalog is a correction of a word of a search. In short words the first letter is right, or
/// swapped with the second.
pub fn is_correction(typed: &str, word: &str) -> bool {
    is_one_typo(typed, word)
        && (tolerance(typed) == Tolerance::Always || has_same_start(typed, word))
}

/// Whether two typos in this word of a search are tolerated if nothing else matches.
pub fn is_long(typed: &str) -> bool {
    tolerance(typed) == Tolerance::Always && length(typed) >= LONG_WORD
}

/// Whether a word of the catalog is a correction of two typos in a word of a search. The first letter is right, or swapped
/// with the second.
pub fn is_distant_correction(typed: &str, word: &str) -> bool {
    has_same_start(typed, word) && distance(typed, word) == 2
}

fn has_same_start(typed: &str, word: &str) -> bool {
    let (mut typed, mut word) = (typed.chars(), word.chars());
    let (typed, word) = ((typed.next(), typed.next()), (word.next(), word.next()));
    typed.0 == word.0 || (typed.0, typed.1) == (word.1, word.0)
}

/// Returns the number of typos by which two words differ.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut letter_before = None;
    for (row, letter) in one.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, own) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != *own);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swap = column > 0 && letter_before == Some(*own) && letter == other[column - 1];
            if is_swap && let Some(swapped) = before_last.get(column - 1) {
                best = best.min(swapped + 1);
            }
            current.push(best);
        }
        before_last = last;
        last = current;
        letter_before = Some(letter);
    }
    last[other.len()]
}

fn length(word: &str) -> usize {
    word.chars().count()
}

fn is_letters(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_lowercase())
        || word.chars().all(|letter| {
            (letter.is_alphabetic() || is_combining_mark(letter)) && !is_unspaced(letter)
        })
}

/// Returns the word and its variants that lack one letter. Two words that differ by at most one typo share a variant.
pub fn variants(word: &str) -> Vec<String> {
    let without = |(index, letter): (usize, char)| {
        let rest = &word[index + letter.len_utf8()..];
        [&word[..index], rest].concat()
    };
    let mut variants: Vec<_> = word.char_indices().map(without).collect();
    variants.push(word.to_owned());
    variants.sort_unstable();
    variants.dedup();
    variants
}

/// Returns the variants of both ends of a long word, with marks. Empty for other words.
pub fn end_variants(word: &str) -> Vec<String> {
    if length(word) < LONG_WORD {
        return Vec::new();
    }
    let (first, last) = ends(word);
    let marked = |mark: &'static str, end: &str| {
        let variants = variants(end).into_iter();
        variants.map(move |variant| [mark, &variant].concat())
    };
    marked(FIRST_LETTERS, first)
        .chain(marked(LAST_LETTERS, last))
        .collect()
}

/// Returns the one of the [`end_variants`] that lacks no letter.
pub fn whole_end(word: &str) -> Option<String> {
    (length(word) >= LONG_WORD).then(|| [FIRST_LETTERS, ends(word).0].concat())
}

fn ends(word: &str) -> (&str, &str) {
    let position = |count| {
        word.char_indices()
            .nth(count)
            .map_or(word.len(), |(at, _)| at)
    };
    let first = position(END);
    let last = position(length(word).saturating_sub(END));
    (&word[..first], &word[last..])
}

/// Whether two words differ by exactly one typo.
fn is_one_typo(one: &str, other: &str) -> bool {
    let mut words: [Vec<char>; 2] = [one, other].map(|word| word.chars().collect());
    words.sort_by_key(Vec::len);
    let [one, other] = &words;
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    match (one, other) {
        ([], [_]) => true,
        ([a, b, rest @ ..], [c, d, end @ ..]) if (a, b) == (d, c) && rest == end => true,
        ([_, rest @ ..], [_, end @ ..]) if rest == end => true,
        (rest, [_, end @ ..]) => rest == end,
        _ => false,
    }
}
