//! Splits a text into words, and runs of characters of scripts without spaces.
//!
//! # Scripts without spaces
//!
//! The index has each character of a run, with its marks, and each pair of adjacent ones, so that a search finds every
//! part of a text. Segmentation into words was measured and rejected: it splits the same word differently in different
//! contexts, so that a search does not match an identical text. Of 12 words in Thai product names (`กาแฟ` in
//! `แก้วกาแฟเซรามิก`) `icu_segmenter` 2.4 and `charabia` 0.10 find 6 each, pairs all.
//!
//! - `charabia` contains dictionaries of 2.1 MB for Thai and Khmer. For Japanese and Korean, the build scripts of `lindera`
//!   download dictionaries, so that Wares could not be built without a network.
//! - `icu_segmenter` contains neural networks for Thai, Lao, Khmer and Burmese, with sources of 0.9 MB, and a dictionary for
//!   Chinese and Japanese, with sources of 5 MB.

use std::mem;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::fold::{
    is_ignored, is_mark, is_simple, is_unspaced, is_word_character, katakana, push_folded,
    simple_lower,
};

/// Maximum length of a word in characters. Additional characters are ignored.
pub const MAX_WORD: usize = 40;
/// Maximum number of marks of a character in a script without spaces.
const MAX_MARKS: usize = 4;
/// Maximum length of an elided word: `l` in `l'huile`. Longer ones are listed.
const MAX_ELIDED: usize = 2;
const ELIDED: [&str; 14] = [
    "all", "bell", "dall", "dell", "jusqu", "lorsqu", "nell", "puisqu", "quell", "quelqu", "quest",
    "sant", "sull", "tutt",
];
/// Minimum length of a word after an elided one. Shorter ones are endings, as in `men's` and `don't`.
const MIN_AFTER_ELIDED: usize = 3;

/// The zero-width non-joiner. It separates the parts of a Persian word; in other scripts it only shapes a letter.
const JOINER: char = '\u{200c}';

/// A part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// The folded text.
    pub word: String,
    /// The text in lower case with its accents, if it differs.
    pub accented: Option<String>,
    /// The character between the previous token and this one, if it is only one.
    pub separator: Option<char>,
    /// The start of each character of a script without spaces. Empty for a word.
    pub starts: Vec<usize>,
}

impl Token {
    pub const fn is_word(&self) -> bool {
        self.starts.is_empty()
    }

    /// Returns `length` adjacent characters of a run from each of its characters on.
    pub fn characters(&self, length: usize) -> impl Iterator<Item = &str> {
        let count = (self.starts.len() + 1).saturating_sub(length);
        (0..count).filter_map(move |index| {
            let end = self.starts.get(index + length);
            self.word
                .get(self.starts[index]..end.copied().unwrap_or(self.word.len()))
        })
    }
}

/// Splits a text. `turkish` is whether `I` is an upper case `ı`.
pub fn tokens(text: &str, turkish: bool) -> Vec<Token> {
    let mut reader = Reader {
        turkish,
        ..Reader::default()
    };
    for (index, part) in text.split([' ', '\n']).enumerate() {
        if index > 0 {
            reader.separate(' ');
        }
        reader.take_part(part);
    }
    reader.end_token();
    reader.tokens
}

const fn is_arabic(letter: char) -> bool {
    matches!(letter, '\u{620}'..='\u{6ff}')
}

/// Returns a text without anything but its letters and digits, by which whole names and codes are compared.
pub fn whole(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.word.as_str()).collect()
}

#[derive(Default)]
struct Reader {
    turkish: bool,
    tokens: Vec<Token>,
    word: String,
    accented: String,
    /// Whether the word differs from `accented`.
    is_accented: bool,
    /// Characters of the word.
    length: usize,
    starts: Vec<usize>,
    marks: usize,
    /// Where an elided word ends, in `word` and in `accented`.
    elided: Option<(usize, usize)>,
    /// Whether a mark here would belong to an apostrophe.
    is_after_apostrophe: bool,
    between: Between,
}

/// The characters since the last token.
#[derive(Clone, Copy, Default)]
enum Between {
    #[default]
    Nothing,
    One(char),
    More,
}

impl Reader {
    /// Reads a text without spaces.
    fn take_part(&mut self, part: &str) {
        let is_normal =
            || !part.chars().any(is_ignored) && is_nfkc_quick(part.chars()) == IsNormalized::Yes;
        if part.chars().all(is_simple) || is_normal() {
            part.chars().for_each(|letter| self.take(katakana(letter)));
            return;
        }
        // Trade marks would become letters.
        let letters = part.chars().filter(|letter| !matches!(letter, '™' | '℠'));
        // Letters around ignored characters may compose, as may katakana with marks.
        let mut last = ' ';
        let letters = letters.nfkc().filter(|letter| {
            let is_kept = !is_ignored(*letter) || (*letter == JOINER && is_arabic(last));
            last = *letter;
            is_kept
        });
        letters
            .map(katakana)
            .nfc()
            .for_each(|letter| self.take(letter));
    }

    fn take(&mut self, letter: char) {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | 'а'..='я' | 'А'..='Я' => {
                self.take_letter(letter);
            }
            '\u{4e00}'..='\u{9fff}' => self.take_unspaced(letter),
            '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´' | '׳' => self.take_apostrophe(),
            '"' | '״'
                if self
                    .word
                    .ends_with(|last| matches!(last, '\u{5d0}'..='\u{5ea}')) => {}
            JOINER => self.separate('-'),
            '×' => self.take_times(),
            _ if !is_word_character(letter) => self.separate(letter),
            _ if is_unspaced(letter) => self.take_unspaced(letter),
            _ => self.take_letter(letter),
        }
    }

    fn take_letter(&mut self, letter: char) {
        let is_mark = is_mark(letter);
        if is_mark && !self.starts.is_empty() {
            self.marks += 1;
            if self.marks <= MAX_MARKS {
                self.word.push(letter);
            }
            return;
        }
        if !self.starts.is_empty() {
            self.end_token();
        }
        let is_detached = is_mark && (self.word.is_empty() || self.is_after_apostrophe);
        if is_detached || self.length == MAX_WORD {
            return;
        }
        self.is_after_apostrophe = false;
        self.length += 1;
        match letter {
            'I' if self.turkish => self.push('i', 'ı'),
            'İ' if self.turkish => self.push('i', 'i'),
            _ => match simple_lower(letter) {
                Some(lower) => self.push(lower, lower),
                None => letter
                    .to_lowercase()
                    .for_each(|lower| self.push(lower, lower)),
            },
        }
    }

    /// Adds a lowercase letter to the word.
    fn push(&mut self, letter: char, accented: char) {
        let start = self.word.len();
        push_folded(letter, &mut self.word);
        self.is_accented |= !self.word[start..].chars().eq([accented]);
        self.accented.push(accented);
    }

    fn take_unspaced(&mut self, letter: char) {
        if is_mark(letter) {
            self.take_letter(letter);
            return;
        }
        if self.starts.is_empty() {
            self.end_token();
        }
        self.starts.push(self.word.len());
        self.marks = 0;
        push_folded(letter, &mut self.word);
    }

    /// Apostrophes do not separate words, except after an elided one.
    fn take_apostrophe(&mut self) {
        let is_elided = self.elided.is_none()
            && self.word.bytes().all(|letter| letter.is_ascii_lowercase())
            && (self.word == "qu"
                || self.word.len() <= MAX_ELIDED
                || ELIDED.contains(&&*self.word));
        if self.word.is_empty() || !self.starts.is_empty() {
            self.separate('\'');
        } else if is_elided {
            self.elided = Some((self.word.len(), self.accented.len()));
        }
        self.is_after_apostrophe = true;
    }

    /// The sign between dimensions is written as a letter.
    fn take_times(&mut self) {
        self.separate('×');
        self.push('x', 'x');
        self.separate('×');
    }

    fn separate(&mut self, letter: char) {
        self.end_token();
        self.between = match self.between {
            Between::Nothing => Between::One(letter),
            _ => Between::More,
        };
    }

    fn end_token(&mut self) {
        self.length = 0;
        self.is_after_apostrophe = false;
        let elided = self.elided.take();
        if self.word.is_empty() {
            return;
        }
        let separator = match mem::take(&mut self.between) {
            Between::One(letter) if !self.tokens.is_empty() => Some(letter),
            _ => None,
        };
        let is_accented = mem::take(&mut self.is_accented) && self.starts.is_empty();
        let token = |word: &str, accented: &str, separator, starts| Token {
            word: word.to_owned(),
            accented: is_accented.then(|| accented.to_owned()),
            separator,
            starts,
        };
        let elided = elided.filter(|(at, _)| self.word[*at..].chars().count() >= MIN_AFTER_ELIDED);
        let (word, accented) = (self.word.as_str(), self.accented.as_str());
        if let Some((at, accented_at)) = elided {
            let (elided, accented_elided) = (&word[..at], &accented[..accented_at]);
            self.tokens
                .push(token(elided, accented_elided, separator, Vec::new()));
            let (word, accented) = (&word[at..], &accented[accented_at..]);
            self.tokens
                .push(token(word, accented, Some('\''), Vec::new()));
        } else {
            let starts = mem::take(&mut self.starts);
            self.tokens.push(token(word, accented, separator, starts));
        }
        self.word.clear();
        self.accented.clear();
    }
}
