//! Words of a Japanese search text: people type `木の箸` (chopsticks of wood) for `箸 木製`.
//!
//! Texts are indexed by pairs of characters, whatever the words are. A search for all pairs of `木の箸` would require its
//! particle `の`. Words begin where the script changes, except for endings in hiragana.

use unicode_normalization::UnicodeNormalization;

/// Particles at the end of a word in hiragana, longest first.
const PARTICLES: [&str; 16] = [
    "ための",
    "ために",
    "から",
    "まで",
    "より",
    "など",
    "の",
    "を",
    "に",
    "は",
    "が",
    "で",
    "と",
    "も",
    "へ",
    "や",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Hiragana,
    Katakana,
    Han,
    Other,
}

/// Returns a text with its words separated by spaces, without particles. `None` if it is not Japanese.
pub fn separate(text: &str) -> Option<String> {
    let has_kana = |letter| matches!(script(letter), Script::Hiragana | Script::Katakana);
    if !text.nfkc().any(has_kana) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut last = Script::Other;
    for letter in text.nfkc() {
        let script = match (letter, last) {
            // Marks of the kana before them.
            ('ー' | '\u{3099}' | '\u{309a}', Script::Hiragana | Script::Katakana) => last,
            _ => script(letter),
        };
        let begins = match (last, script) {
            (last, script) if last == script => false,
            (Script::Han | Script::Katakana, Script::Hiragana) => false,
            _ => true,
        };
        if begins && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(letter);
        last = script;
    }
    words.push(word);
    let words: Vec<&str> = words
        .iter()
        .filter_map(|word| without_particles(word))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Returns a word without the particles after it. `None` if nothing else is left, or for a single prefix such as `お`.
fn without_particles(word: &str) -> Option<&str> {
    let is_hiragana = |word: &str| {
        word.chars()
            .all(|letter| script(letter) == Script::Hiragana)
    };
    let is_rest =
        |rest: &&str| !rest.is_empty() && (!is_hiragana(rest) || rest.chars().nth(1).is_some());
    let mut word = word;
    while let Some(rest) = PARTICLES
        .iter()
        .find_map(|particle| word.strip_suffix(particle).filter(is_rest))
    {
        word = rest;
    }
    is_rest(&word).then_some(word)
}

const fn script(letter: char) -> Script {
    match letter {
        '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' => Script::Hiragana,
        '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' => {
            Script::Katakana
        }
        '\u{3005}'..='\u{3007}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}' => Script::Han,
        _ => Script::Other,
    }
}
