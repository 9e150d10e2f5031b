//! What counts as one typo: a letter too many, one that is missing, a wrong one, or two neighbours the wrong way round.

/// How many letters a word has in which a typo is forgiven.
const MIN_TYPED: usize = 5;
/// How many letters a word has that a misspelt one may stand for.
const MIN_WORD: usize = 4;
/// The same at the most.
const MAX_WORD: usize = 30;

/// Whether a typo in this word is forgiven.
pub fn is_forgiven(typed: &str) -> bool {
    (MIN_TYPED..=MAX_WORD + 1).contains(&typed.len()) && is_letters(typed)
}

/// Whether a misspelt word may stand for this one.
pub fn is_correctable(word: &str) -> bool {
    (MIN_WORD..=MAX_WORD).contains(&word.len()) && is_letters(word)
}

fn is_letters(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// A word and each form of it that lacks one letter. Two words with at most one typo between them share one of these.
pub fn variants(word: &str) -> Vec<String> {
    let without = |place: usize| {
        let (start, end) = (word.get(..place), word.get(place + 1..));
        [start.unwrap_or_default(), end.unwrap_or_default()].concat()
    };
    let mut variants: Vec<_> = (0..word.len()).map(without).collect();
    variants.push(word.to_owned());
    variants.sort_unstable();
    variants.dedup();
    variants
}

/// Whether there is exactly one typo between two words.
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
