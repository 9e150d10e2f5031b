//! The words of a search text as they were typed, for messages to the user.

use std::collections::HashMap;

use super::Analyzer;

/// A search text, split at white space.
#[derive(Clone, Debug)]
pub struct TypedText<'a>(Vec<TypedWord<'a>>);

#[derive(Clone, Debug)]
struct TypedWord<'a> {
    text: &'a str,
    /// The words of the search in it.
    words: Vec<String>,
}

impl<'a> TypedText<'a> {
    /// Splits a search text.
    pub fn new(text: &'a str, analyzer: Analyzer) -> Self {
        let word = |text: &'a str| {
            let search = analyzer.search(text).unwrap_or_default();
            let words = search.terms.into_iter().map(|term| term.word);
            TypedWord {
                text,
                words: words.collect(),
            }
        };
        Self(text.split_whitespace().map(word).collect())
    }

    /// Returns the words that are written as one, without punctuation around them, each with its word of the search.
    pub fn single_words(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_edge = |letter: char| !letter.is_alphanumeric();
        self.0
            .iter()
            .filter_map(move |typed| match typed.words.as_slice() {
                [word] => Some((typed.text.trim_matches(is_edge), word.as_str())),
                _ => None,
            })
    }

    /// Returns a word of the search as it was typed, without punctuation around it.
    pub fn spelling(&self, word: &str) -> String {
        let mut words = self.single_words().filter(|(text, _)| !text.is_empty());
        let found = words.find(|(_, other)| *other == word);
        found.map_or(word, |(text, _)| text).to_owned()
    }

    /// Returns the text before its last word. `None` if it contains no word.
    pub fn before_last_word(&self) -> Option<Self> {
        let last = self.0.iter().rposition(|typed| !typed.words.is_empty())?;
        Some(Self(self.0[..last].to_vec()))
    }

    /// Returns the text with words replaced.
    pub fn replace(&self, replacements: &HashMap<&str, &str>) -> String {
        let replace = |typed: &TypedWord<'a>| {
            let mut text = typed.text.to_owned();
            let mut is_replaced = false;
            for word in &typed.words {
                let Some(replacement) = replacements.get(word.as_str()) else {
                    continue;
                };
                if typed.words.len() == 1 {
                    return (*replacement).to_owned();
                }
                if !is_replaced {
                    text = text.to_lowercase();
                    is_replaced = true;
                }
                text = text.replace(word.as_str(), replacement);
            }
            text
        };
        let words: Vec<_> = self.0.iter().map(replace).collect();
        words.join(" ")
    }
}
