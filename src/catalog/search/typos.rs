//! Typos: one letter inserted, missing, replaced, or two adjacent letters swapped.

/// Minimum length of a search word for which a typo is tolerated.
const MIN_SEARCH_WORD: usize = 5;
/// Minimum length of a word that can be a correction.
const MIN_WORD: usize = 4;
/// Maximum length of a word that can be a correction.
const MAX_WORD: usize = 30;

/// Whether a typo in this search word is tolerated.
pub fn tolerates_typo(typed: &str) -> bool {
    (MIN_SEARCH_WORD..=MAX_WORD + 1).contains(&typed.len()) && is_letters(typed)
}

/// Whether this word can be a correction.
pub fn is_correctable(word: &str) -> bool {
    (MIN_WORD..=MAX_WORD).contains(&word.len()) && is_letters(word)
}

fn is_letters(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// Returns the word and its variants that lack one letter. Two words that differ by at most one typo share a variant.
pub fn variants(word: &str) -> Vec<String> {
    let without = |index: usize| {
        let (start, end) = (word.get(..index), word.get(index + 1..));
        [start.unwrap_or_default(), end.unwrap_or_default()].concat()
    };
    let mut variants: Vec<_> = (0..word.len()).map(without).collect();
    variants.push(word.to_owned());
    variants.sort_unstable();
    variants.dedup();
    variants
}

/// Whether two words differ by exactly one typo.
pub fn is_one_typo(one: &str, other: &str) -> bool {
    let (one, other) = if one.len() <= other.len() {
        (one.as_bytes(), other.as_bytes())
    } else {
        (other.as_bytes(), one.as_bytes())
    };
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
