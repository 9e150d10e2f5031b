//! Texts as words that can be compared: without case, accents and scripts, made the same for what is stored and for what is
//! asked.

use std::collections::HashSet;
use std::mem;

use deunicode::deunicode_char;

/// How many characters of a word count.
const MAX_WORD: usize = 40;
/// How many different words of a text count.
const MAX_WORDS: usize = 1_000;

/// The words of a text, in its order: letters and digits of ASCII, whatever script it was written in. `Crème brûlée` is
/// `creme brulee`, `Москва` is `moskva`.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    // Apostrophes hold words together.
    let letters = text.chars().flat_map(spelt);
    for letter in letters.filter(|letter| *letter != '\'') {
        if letter.is_ascii_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        } else {
            words.push(mem::take(&mut word));
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        word.truncate(MAX_WORD);
    }
    words
}

/// A letter as ASCII spells it. One that no spelling is known of stands for itself, by its number.
fn spelt(letter: char) -> impl Iterator<Item = char> {
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
            name: distinct(words(name)),
            sku: distinct(of_sku),
            description: distinct(words(description)),
        }
    }
}

fn distinct(mut words: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    words.retain(|word| !word.is_empty() && seen.insert(word.clone()));
    words.truncate(MAX_WORDS);
    words
}
