//! The analyzer: turns stored texts into the words of the index, and a search text into the words to look for.
//!
//! Additional words of the index begin with a mark, see [`marks`]. A stem that equals its word is not stored again, and a
//! search therefore looks for a stem with and without its mark. Forms of a word that only the search knows, such as
//! irregular plurals, cost no space in the index.

use super::analysis::arabic;
use super::analysis::compounds::Compounds;
use super::analysis::fold::spell_out;
use super::analysis::stems::Stems;
use super::analysis::tokens::{self, MAX_WORD, Token};
use super::analysis::{joins, stop_words};
use super::{MAX_SEARCH, marks, typos};
use crate::core::language::Language;

/// Maximum number of distinct words of a text, and of the additional words.
const MAX_WORDS: usize = 1_000;

/// The analysis of texts in a language. The same for both databases, and for indexing and searching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analyzer {
    pub(super) language: Language,
    pub(super) stems: Stems,
    pub(super) compounds: Option<Compounds>,
    pub(super) stop_words: &'static [&'static str],
}

/// The texts that a product or a category is found by.
#[derive(Clone, Debug, Default)]
pub struct Texts<'a> {
    pub name: &'a str,
    /// SKUs and barcodes.
    pub codes: Vec<&'a str>,
    /// Short texts beside the name: the brand, tags, option values, names of categories, attributes.
    pub labels: Vec<&'a str>,
    pub description: &'a str,
}

/// The indexed words of a row, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub name: Vec<String>,
    /// Words of the labels, then those of the codes.
    pub keys: Vec<String>,
    pub description: Vec<String>,
    /// How many of `keys` are words of labels.
    labels: usize,
}

/// Changes when the same text is analyzed differently than before, so that stored words are outdated.
const VERSION: u32 = 2;

impl Document {
    /// Returns the words that misspelled ones may be corrected to. They may repeat.
    pub fn correctable_words(&self) -> impl Iterator<Item = &str> {
        let labels = self.keys.iter().take(self.labels);
        let words = self.name.iter().chain(labels).chain(&self.description);
        words
            .map(String::as_str)
            .filter(|word| typos::is_correctable(word))
    }
}

impl Analyzer {
    pub fn new(language: Language) -> Self {
        Self {
            language,
            stems: Stems::new(language),
            compounds: Compounds::of(language),
            stop_words: stop_words::of(language),
        }
    }

    /// Identifies the analysis: indexes with another version have to be rebuilt.
    pub fn version(&self) -> String {
        format!("{}-{VERSION}", self.language.code())
    }

    /// Returns the words to index.
    pub fn document(&self, texts: &Texts<'_>) -> Document {
        let name = self.tokens(texts.name);
        let whole = whole_word(&name);
        let name = joins::merge_decimals(name);
        let mut additional = Vec::new();
        for pair in name.windows(2) {
            self.push_joined(pair, &mut additional);
        }
        additional.extend(self.related_words(&name));
        additional.extend(whole);
        let mut keys = Vec::new();
        for label in &texts.labels {
            let label = joins::merge_decimals(self.tokens(label));
            let related = self.related_words(&label);
            keys.extend(self.index_words(label, related));
        }
        let mut keys = distinct(keys);
        let labels = keys.len();
        for code in &texts.codes {
            self.push_code(code, &mut keys);
        }
        let description = joins::merge_decimals(self.tokens(texts.description));
        Document {
            name: self.index_words(name, additional),
            keys: distinct(keys),
            description: self.index_words(description, Vec::new()),
            labels,
        }
    }

    pub(super) fn tokens(&self, text: &str) -> Vec<Token> {
        let is_turkish = matches!(self.language.code(), "az" | "tr");
        tokens::tokens(text, is_turkish)
    }

    /// Returns the words of a text and at most as many additional ones.
    fn index_words(&self, tokens: Vec<Token>, mut additional: Vec<String>) -> Vec<String> {
        for compound in joins::compounds(&tokens) {
            additional.extend(joins::joined(&tokens[compound]));
        }
        for (index, token) in tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.is_word())
        {
            let word = token.word.as_str();
            let numbers = joins::number_joins(&tokens, index);
            additional.extend(numbers.into_iter().map(|(_, joined)| joined));
            if let Some(runs) = joins::runs(word) {
                additional.extend(runs.into_iter().map(str::to_owned));
                continue;
            }
            if self.stop_words.contains(&word) {
                continue;
            }
            self.stems.each(word, token.accented.as_deref(), |stem| {
                if stem != word {
                    additional.push(marks::marked(marks::STEM, stem));
                }
            });
            let spelled = self.spell_out(token);
            additional.extend(spelled);
        }
        let mut words = Vec::with_capacity(tokens.len() + additional.len());
        for token in tokens {
            if token.is_word() {
                words.push(token.word);
            } else {
                let (characters, pairs) = (token.characters(1), token.characters(2));
                words.extend(characters.chain(pairs).map(str::to_owned));
            }
        }
        if words.len() > MAX_WORDS {
            words = distinct(words);
            words.truncate(MAX_WORDS);
        }
        words.append(&mut additional);
        let mut words = distinct(words);
        words.truncate(2 * MAX_WORDS);
        words
    }

    /// Returns the words by which those of a short text are found that have a part in common with them. Descriptions have
    /// many words, and what a product is stands in the other texts.
    fn related_words(&self, tokens: &[Token]) -> Vec<String> {
        let mut related = Vec::new();
        for token in tokens.iter().filter(|token| token.is_word()) {
            let word = token.word.as_str();
            if self.stop_words.contains(&word) {
                continue;
            }
            if let Some(compounds) = self.compounds {
                self.stems.each(word, token.accented.as_deref(), |stem| {
                    related.extend(compounds.indexed(stem));
                });
            }
            if self.stems.is_arabic(word) {
                related.extend(arabic::roots(word));
            }
        }
        related
    }

    /// Adds two adjacent words, written together.
    fn push_joined(&self, pair: &[Token], words: &mut Vec<String>) {
        if !pair.iter().all(|token| self.is_joined(token)) {
            return;
        }
        let Some(joined) = joins::joined(pair) else {
            return;
        };
        self.stems.each(&joined, None, |stem| {
            if stem != joined {
                words.push(marks::marked(marks::JOINED, stem));
            }
        });
        words.push(marks::marked(marks::JOINED, &joined));
    }

    /// Whether a word may be written together with its neighbor.
    fn is_joined(&self, token: &Token) -> bool {
        token.is_word()
            && joins::is_letters(&token.word)
            && !self.stop_words.contains(&token.word.as_str())
    }

    /// Adds the words of a code, and the code as a whole, so that it is found however it is divided.
    fn push_code(&self, code: &str, words: &mut Vec<String>) {
        let tokens = self.tokens(code);
        words.extend(whole_word(&tokens));
        if tokens.len() > 1 {
            let mut whole = tokens::whole(&tokens);
            truncate(&mut whole, MAX_WORD);
            words.push(whole);
        }
        for token in tokens {
            if !token.is_word() {
                words.extend(token.characters(1).map(str::to_owned));
                words.extend(token.characters(2).map(str::to_owned));
            }
            words.push(token.word);
        }
    }

    /// Returns the second spelling of a word, except in languages whose speakers do not use it.
    pub(super) fn spell_out(&self, token: &Token) -> Option<String> {
        let accented = token.accented.as_deref()?;
        let is_used = !matches!(
            self.language.code(),
            "az" | "et" | "fi" | "hu" | "sk" | "sv" | "tr"
        );
        is_used.then(|| spell_out(accented)).flatten()
    }
}

/// Returns the word of the index for a whole name or code, unless it is longer than any search text.
pub(super) fn whole_word(tokens: &[Token]) -> Option<String> {
    let whole = tokens::whole(tokens);
    let is_searched = !whole.is_empty() && whole.chars().count() <= MAX_SEARCH;
    is_searched.then(|| marks::marked(marks::WHOLE, &whole))
}

fn truncate(word: &mut String, length: usize) {
    if let Some((end, _)) = word.char_indices().nth(length) {
        word.truncate(end);
    }
}

/// Removes duplicates.
fn distinct(mut words: Vec<String>) -> Vec<String> {
    let mut order: Vec<usize> = (0..words.len()).collect();
    order.sort_unstable_by(|one, other| words[*one].cmp(&words[*other]).then(one.cmp(other)));
    let mut is_new = vec![true; words.len()];
    for pair in order.windows(2) {
        is_new[pair[1]] = words[pair[0]] != words[pair[1]];
    }
    let mut is_new = is_new.into_iter();
    words.retain(|_| is_new.next() == Some(true));
    words
}
