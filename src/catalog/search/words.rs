//! Tokenizer: splits stored texts and search texts into comparable words. Case, accents and scripts are normalized.
//!
//! Chinese, Japanese and Korean have no spaces between words and are compared by character, not by ASCII
//! transliteration. Each character and each pair of adjacent characters is a word of the index. A search for several
//! characters matches their pairs anywhere in a text.

use std::collections::HashSet;
use std::mem;

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;

/// Maximum length of a word. Additional characters are ignored.
const MAX_WORD: usize = 40;
/// Maximum number of distinct words of a text.
const MAX_WORDS: usize = 1_000;
/// Maximum length of a unit after a number, as in `500 ml`.
const MAX_UNIT: usize = 3;

/// A part of a text without whitespace.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// A word transliterated to ASCII. `Crème brûlée` becomes `creme` and `brulee`, `Москва` becomes `moskva`.
    Word { word: String, is_joined: bool },
    /// Characters of a script without spaces.
    Characters(Vec<char>),
}

/// Returns the words of a search text, in order.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in parts(text) {
        match part {
            Part::Word { word, .. } => words.push(word),
            Part::Characters(all) if all.len() == 1 => words.push(encode_characters(&all)),
            Part::Characters(all) => words.extend(all.windows(2).map(encode_characters)),
        }
    }
    words
}

/// Returns each part of a compound with the joined compound: `wi` and `fi` of `wi-fi` with `wifi`.
pub fn joined(text: &str) -> Vec<(String, String)> {
    compounds(&parts(text))
        .into_iter()
        .flat_map(|compound| {
            let whole = whole(&compound);
            let words = compound.into_iter();
            words.map(move |word| (word.to_owned(), whole.clone()))
        })
        .collect()
}

/// Returns the words to index for a text: its words, joined compounds, the digits and letters of mixed words, and
/// numbers joined with their neighbours.
fn index_words(text: &str) -> Vec<String> {
    let parts = parts(text);
    let mut words = Vec::new();
    let mut before: Vec<&str> = Vec::new();
    for part in &parts {
        match part {
            Part::Word { word, .. } => {
                words.push(word.clone());
                words.extend(joined_number(&before, word));
                words.extend(runs(word));
                before.push(word);
            }
            Part::Characters(all) => {
                words.extend(all.chunks(1).map(encode_characters));
                words.extend(all.windows(2).map(encode_characters));
                before.clear();
            }
        }
    }
    words.extend(compounds(&parts).iter().map(|compound| whole(compound)));
    words
}

/// Joins a word with those before it as people write them in one word: `500 ml`, `iPhone 15`, `60 x 80`.
fn joined_number(before: &[&str], word: &str) -> Option<String> {
    let ends_with_digit = |word: &str| word.ends_with(|letter: char| letter.is_ascii_digit());
    let whole = match before {
        [.., first, "x"] if ends_with_digit(first) && is_number(word) => {
            [first, "x", word].concat()
        }
        [.., number] if is_number(number) && is_unit(word) => [number, word].concat(),
        [.., name] if is_letters(name) && is_number(word) => [name, word].concat(),
        _ => return None,
    };
    (whole.len() <= MAX_WORD).then_some(whole)
}

fn parts(text: &str) -> Vec<Part> {
    let mut reader = Reader::default();
    for letter in text.nfkc() {
        reader.take(letter);
    }
    reader.end_word();
    reader.end_characters();
    reader.parts
}

/// Splits a text into parts.
#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    word: String,
    characters: Vec<char>,
    /// The characters since the last word.
    between: String,
}

impl Reader {
    fn take(&mut self, letter: char) {
        if is_ideographic(letter) {
            self.end_word();
            self.characters.push(katakana(letter));
            return;
        }
        self.end_characters();
        for letter in transliterate(letter) {
            match letter {
                // Apostrophes do not separate words.
                '\'' => {}
                _ if letter.is_ascii_alphanumeric() => self.word.push(letter.to_ascii_lowercase()),
                _ => {
                    self.end_word();
                    self.between.push(letter);
                }
            }
        }
    }

    fn end_word(&mut self) {
        let mut word = mem::take(&mut self.word);
        if word.is_empty() {
            return;
        }
        word.truncate(MAX_WORD);
        let follows = matches!(self.parts.last(), Some(Part::Word { .. }));
        // Digits around another joiner are two numbers, such as `1.5` and `24/7`.
        let is_joined = follows
            && match self.between.as_str() {
                "-" => true,
                "/" | "&" | "." | "_" | "+" => !is_number(&word),
                _ => false,
            };
        self.between.clear();
        self.parts.push(Part::Word { word, is_joined });
    }

    fn end_characters(&mut self) {
        let characters = mem::take(&mut self.characters);
        if !characters.is_empty() {
            self.between.clear();
            self.parts.push(Part::Characters(characters));
        }
    }
}

/// Returns the words of each compound, such as `wi-fi`, `AC/DC` or `AT&T`.
fn compounds(parts: &[Part]) -> Vec<Vec<&str>> {
    let mut compounds: Vec<Vec<&str>> = Vec::new();
    for part in parts {
        match part {
            Part::Word { word, is_joined } => match compounds.last_mut().filter(|_| *is_joined) {
                Some(compound) => compound.push(word),
                None => compounds.push(vec![word]),
            },
            Part::Characters(_) => compounds.push(Vec::new()),
        }
    }
    compounds.retain(|compound| compound.len() > 1);
    compounds
}

fn whole(compound: &[&str]) -> String {
    let mut whole = compound.concat();
    whole.truncate(MAX_WORD);
    whole
}

/// Returns the digits and letters of a word of both, such as `500` and `ml`, or `60`, `x` and `80`.
fn runs(word: &str) -> Vec<String> {
    let is_same = |a: &u8, b: &u8| a.is_ascii_digit() == b.is_ascii_digit();
    let runs = word.as_bytes().chunk_by(is_same);
    let runs: Vec<_> = runs
        .map(|run| String::from_utf8_lossy(run).into_owned())
        .collect();
    if matches!(runs.len(), 2..=4) {
        runs
    } else {
        Vec::new()
    }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_digit())
}

fn is_letters(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_lowercase())
}

fn is_unit(word: &str) -> bool {
    word.len() <= MAX_UNIT && is_letters(word)
}

/// Whether a character belongs to a script that is written without spaces: Chinese, Japanese or Korean.
const fn is_ideographic(letter: char) -> bool {
    matches!(letter,
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// Replaces hiragana with katakana, since the same word is written in either.
fn katakana(letter: char) -> char {
    match letter {
        '\u{3041}'..='\u{3096}' => char::from_u32(u32::from(letter) + 0x60).unwrap_or(letter),
        _ => letter,
    }
}

/// Encodes characters as an ASCII word. All codes have the same length, so none is a prefix of another.
fn encode_characters(characters: &[char]) -> String {
    let codes = characters
        .iter()
        .map(|letter| format!("u{:06x}", u32::from(*letter)));
    codes.collect()
}

/// Transliterates a letter to ASCII. A letter without a transliteration becomes its Unicode number.
fn transliterate(letter: char) -> impl Iterator<Item = char> {
    let letter = match letter {
        // Russian is commonly written without the dots.
        'ё' => 'е',
        'Ё' => 'Е',
        // Forms of one Arabic letter, which keyboards for Arabic, Persian and Urdu mix.
        'ة' => 'ه',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        // Line feeds and tabs, which are otherwise transliterated to nothing.
        space if space.is_whitespace() => ' ',
        other => other,
    };
    // Vowel points of Hebrew and Arabic, which are commonly omitted.
    let is_vowel_point = matches!(letter, '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}');
    let known = if is_vowel_point {
        Some("")
    } else {
        deunicode_char(letter)
    };
    let number = match known {
        None if letter.is_alphanumeric() => format!(" u{:x} ", u32::from(letter)),
        None => " ".to_owned(),
        Some(_) => String::new(),
    };
    let known = known.unwrap_or_default().chars();
    known.chain(number.chars().collect::<Vec<_>>())
}

/// The indexed words of a row, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub name: Vec<String>,
    pub sku: Vec<String>,
    pub description: Vec<String>,
}

impl Document {
    /// Tokenizes the fields. The SKU is also indexed as a whole, so that it is found regardless of its separators.
    pub fn new(name: &str, sku: Option<&str>, description: &str) -> Self {
        let mut of_sku = words(sku.unwrap_or_default());
        let mut whole = of_sku.concat();
        whole.truncate(MAX_WORD);
        of_sku.push(whole);
        Self {
            name: distinct(index_words(name)),
            sku: distinct(of_sku),
            description: distinct(index_words(description)),
        }
    }
}

fn distinct(mut words: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    words.retain(|word| !word.is_empty() && seen.insert(word.clone()));
    words.truncate(MAX_WORDS);
    words
}
