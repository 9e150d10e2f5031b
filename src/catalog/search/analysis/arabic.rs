//! Forms of Arabic words: the article, prepositions and endings that are written with a word, and plurals within it.

use crate::catalog::search::marks;

/// The article with what may stand before it, and the conjunction. Longest first.
const BEGINNINGS: [&str; 9] = ["وبال", "ولل", "وال", "بال", "كال", "فال", "لل", "ال", "و"];
/// Endings in the order in which they are removed, each once: plurals, feminine, adjective.
const ENDINGS: [&str; 8] = ["ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"];
/// Minimum length of the rest, in letters.
const MIN_REST: usize = 3;

/// Calls `push` with the stems of a folded word: first without beginning and endings, by which words are compared.
pub fn stems(word: &str, accented: Option<&str>, mut push: impl FnMut(&str)) {
    push(without_endings(without_beginning(word)));
    // `ألعاب` begins with a letter that is folded to that of the article.
    if accented.is_some_and(|accented| accented.starts_with(['أ', 'إ', 'آ'])) {
        push(without_endings(word));
    }
    // It may be the rest of a word with an article: `العاب` of `الألعاب`.
    push(word);
}

/// Returns the words of the index for the consonants of a folded word, which are the same in most plurals that change the
/// word itself: `kwb` of `أكواب` and `كوب`, `skn` of `سكاكين` and `سكين`. Other words may have them, too.
pub fn roots(word: &str) -> Vec<String> {
    let stem = without_beginning(word);
    let mut roots: Vec<String> = Vec::new();
    for base in [word, stem, without_endings(stem)] {
        let root = root(base).map(|root| [marks::ROOT, &root].concat());
        roots.extend(root.filter(|root| !roots.contains(root)));
    }
    roots
}

fn root(word: &str) -> Option<String> {
    let word = word.strip_suffix('ه').unwrap_or(word);
    let without = |vowels: &[char]| {
        let mut letters: Vec<char> = word
            .chars()
            .filter(|letter| !vowels.contains(letter))
            .collect();
        // A doubled letter is written once, unless a vowel is between.
        letters.dedup();
        (letters.len() >= MIN_REST).then(|| letters.into_iter().collect())
    };
    without(&['ا', 'ء', 'و', 'ي']).or_else(|| without(&['ا', 'ء']))
}

fn without_beginning(word: &str) -> &str {
    let rest = BEGINNINGS
        .iter()
        .find_map(|beginning| word.strip_prefix(beginning).filter(|rest| is_long(rest)));
    rest.unwrap_or(word)
}

fn without_endings(word: &str) -> &str {
    ENDINGS.iter().fold(word, |word, ending| {
        let rest = word.strip_suffix(ending).filter(|rest| is_long(rest));
        rest.unwrap_or(word)
    })
}

fn is_long(rest: &str) -> bool {
    rest.chars().nth(MIN_REST - 1).is_some()
}
