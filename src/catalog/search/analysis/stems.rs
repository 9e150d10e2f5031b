//! Stems, by the Snowball algorithms, except for Arabic.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::char::is_combining_mark;

use super::arabic;
use super::fold::fold;
use crate::core::language::Language;

/// Minimum length of a word that has a stem, in characters.
const MIN_WORD: usize = 3;

/// The stemmers of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stems {
    /// For words in Latin letters. English ones are usual in shops whose language has another script.
    latin: Option<Algorithm>,
    /// For words in the script of the language, if it is another one.
    own: Option<(Script, Algorithm)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Arabic,
    Tamil,
}

impl Stems {
    pub fn new(language: Language) -> Self {
        let latin = |algorithm| Self {
            latin: Some(algorithm),
            own: None,
        };
        let other = |own| Self {
            latin: Some(Algorithm::English),
            own,
        };
        match language.code() {
            "da" => latin(Algorithm::Danish),
            "de" => latin(Algorithm::German),
            "en" => latin(Algorithm::English),
            "es" => latin(Algorithm::Spanish),
            "fi" => latin(Algorithm::Finnish),
            "fr" => latin(Algorithm::French),
            "hu" => latin(Algorithm::Hungarian),
            "it" => latin(Algorithm::Italian),
            "nb" | "nn" | "no" => latin(Algorithm::Norwegian),
            "nl" => latin(Algorithm::Dutch),
            "pt" => latin(Algorithm::Portuguese),
            "ro" => latin(Algorithm::Romanian),
            "sv" => latin(Algorithm::Swedish),
            "tr" => latin(Algorithm::Turkish),
            "ar" => other(Some((Script::Arabic, Algorithm::Arabic))),
            "el" => other(Some((Script::Greek, Algorithm::Greek))),
            "ru" => other(Some((Script::Cyrillic, Algorithm::Russian))),
            "ta" => other(Some((Script::Tamil, Algorithm::Tamil))),
            "am" | "be" | "bg" | "bn" | "fa" | "gu" | "he" | "hi" | "hy" | "ja" | "ka" | "kk"
            | "km" | "kn" | "ko" | "lo" | "mk" | "ml" | "mn" | "mr" | "my" | "ne" | "or" | "pa"
            | "ps" | "sd" | "si" | "te" | "th" | "uk" | "ur" | "yi" | "zh" => other(None),
            _ => Self {
                latin: None,
                own: None,
            },
        }
    }

    /// Whether words in Latin letters are stemmed as English.
    pub fn are_english(self) -> bool {
        self.latin == Some(Algorithm::English)
    }

    /// Calls `push` with the stems of a word: that of the folded word, and the folded stem of the word with its accents,
    /// because the algorithms look at accents but people omit them.
    pub fn each(self, word: &str, accented: Option<&str>, mut push: impl FnMut(&str)) {
        let Some(algorithm) = self.algorithm(word) else {
            return;
        };
        if algorithm == Algorithm::Arabic {
            arabic::stems(word, accented, push);
            return;
        }
        let stemmer = Stemmer::create(algorithm);
        let stem = stemmer.stem(word);
        if !stem.is_ascii() {
            push(&fold(&stem));
        } else if !stem.is_empty() {
            push(&stem);
        }
        let accented = accented.filter(|_| algorithm != Algorithm::English);
        if let Some(accented) = accented {
            let other = fold(&stemmer.stem(accented));
            if !other.is_empty() && *other != *stem {
                push(&other);
            }
        }
    }

    /// Whether a word is one of an Arabic shop in its script.
    pub fn is_arabic(self, word: &str) -> bool {
        self.own.is_some() && self.algorithm(word) == Some(Algorithm::Arabic)
    }

    /// Returns the algorithm for a word without digits.
    fn algorithm(self, word: &str) -> Option<Algorithm> {
        let first = word.chars().next().and_then(script)?;
        let algorithm = match self.own {
            Some((own, algorithm)) if own == first => algorithm,
            _ if first == Script::Latin => self.latin?,
            _ => return None,
        };
        let is_word = |letter: char| script(letter) == Some(first) || is_combining_mark(letter);
        (word.chars().nth(MIN_WORD - 1).is_some() && word.chars().all(is_word)).then_some(algorithm)
    }
}

const fn script(letter: char) -> Option<Script> {
    match letter {
        'a'..='z' | '\u{e0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(Script::Latin),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Script::Greek),
        '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}' => Some(Script::Cyrillic),
        '\u{620}'..='\u{64a}' | '\u{671}'..='\u{6d3}' => Some(Script::Arabic),
        '\u{b82}'..='\u{bd7}' => Some(Script::Tamil),
        _ => None,
    }
}
