//! Texts as words that can be compared: without case, accents and scripts, made the same for what is stored and for what is
//! typed.
//!
//! Chinese, Japanese and Korean are compared by their characters, not by how these are spelt in ASCII, and have no spaces
//! between words. Each character is a word of the index, and so is each pair of neighbours: a search for several characters
//! looks for their pairs, anywhere in a text.

use std::collections::HashSet;
use std::mem;

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;

/// How many characters of a word count.
const MAX_WORD: usize = 40;
/// How many different words of a text count.
const MAX_WORDS: usize = 1_000;
/// How many letters a unit has at most that is written after a number, as in `500 ml`.
const MAX_UNIT: usize = 3;

/// A part of a text that no white space divides.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// A word, as ASCII spells it. `Crème brûlée` is `creme` and `brulee`, `Москва` is `moskva`.
    Word { word: String, is_joined: bool },
    /// Characters of a script without spaces.
    Characters(Vec<char>),
}

/// The words of a text that is searched for, in its order.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in parts(text) {
        match part {
            Part::Word { word, .. } => words.push(word),
            Part::Characters(all) if all.len() == 1 => words.push(code(&all)),
            Part::Characters(all) => words.extend(all.windows(2).map(code)),
        }
    }
    words
}

/// Words and what they are when they are written together: `wi` and `fi` of `wi-fi` are `wifi`.
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

/// The words that a text is found by: its own, compounds written together, numbers and letters of a word apart, and numbers
/// with the unit after them.
fn found_by(text: &str) -> Vec<String> {
    let parts = parts(text);
    let mut words = Vec::new();
    let mut number = None;
    for part in &parts {
        match part {
            Part::Word { word, .. } => {
                let unit = number.take().filter(|_| is_unit(word));
                words.push(word.clone());
                words.extend(unit.map(|number: &String| format!("{number}{word}")));
                words.extend(runs(word));
                number = Some(word).filter(|word| is_number(word));
            }
            Part::Characters(all) => {
                words.extend(all.chunks(1).map(code));
                words.extend(all.windows(2).map(code));
                number = None;
            }
        }
    }
    words.extend(compounds(&parts).iter().map(|compound| whole(compound)));
    words
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

/// Divides a text into parts.
#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    word: String,
    characters: Vec<char>,
    /// What stands between the last word and the next.
    between: String,
}

impl Reader {
    fn take(&mut self, letter: char) {
        if is_ideographic(letter) {
            self.end_word();
            self.characters.push(letter);
            return;
        }
        self.end_characters();
        for letter in spelt(letter) {
            match letter {
                // Apostrophes hold words together.
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
        let is_joined = follows && self.between == "-";
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

/// The words of each compound that is written with hyphens.
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

/// The numbers and the letters of a word that has both, such as `500` and `ml`.
fn runs(word: &str) -> Vec<String> {
    let is_same = |a: &u8, b: &u8| a.is_ascii_digit() == b.is_ascii_digit();
    let runs = word.as_bytes().chunk_by(is_same);
    let runs: Vec<_> = runs
        .map(|run| String::from_utf8_lossy(run).into_owned())
        .collect();
    if runs.len() == 2 { runs } else { Vec::new() }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_digit())
}

fn is_unit(word: &str) -> bool {
    word.len() <= MAX_UNIT && word.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// Whether a character is of a script that is written without spaces and compared by itself: Chinese, Japanese, Korean.
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

/// Characters as a word of ASCII. All codes have the same length, so that none is the beginning of another.
fn code(characters: &[char]) -> String {
    let codes = characters
        .iter()
        .map(|letter| format!("u{:06x}", u32::from(*letter)));
    codes.collect()
}

/// A letter as ASCII spells it. One that no spelling is known of stands for itself, by its number.
fn spelt(letter: char) -> impl Iterator<Item = char> {
    // Most who write Russian leave the dots out.
    let letter = match letter {
        'ё' => 'е',
        'Ё' => 'Е',
        other => other,
    };
    let known = deunicode_char(letter);
    let number = match known {
        None if letter.is_alphanumeric() => format!(" u{:x} ", u32::from(letter)),
        None => " ".to_owned(),
        Some(_) => String::new(),
    };
    let known = known.unwrap_or_default().chars();
    known.chain(number.chars().collect::<Vec<_>>())
}

/// What something is found by: each different word once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub name: Vec<String>,
    pub sku: Vec<String>,
    pub description: Vec<String>,
}

impl Document {
    /// The words of something. An SKU is also a word as a whole, so that it is found however it is divided.
    pub fn new(name: &str, sku: Option<&str>, description: &str) -> Self {
        let mut of_sku = words(sku.unwrap_or_default());
        let mut whole = of_sku.concat();
        whole.truncate(MAX_WORD);
        of_sku.push(whole);
        Self {
            name: distinct(found_by(name)),
            sku: distinct(of_sku),
            description: distinct(found_by(description)),
        }
    }
}

fn distinct(mut words: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    words.retain(|word| !word.is_empty() && seen.insert(word.clone()));
    words.truncate(MAX_WORDS);
    words
}
