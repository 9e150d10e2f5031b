//! Words that people write together or apart: `wi-fi`, `paint brush`, `500 ml`, `60 x 80`, and numbers with decimals.

use std::ops::Range;

use super::fold::is_word_character;
use super::tokens::{MAX_WORD, Token};

/// The decimal separator within a word: a letter of Unicode that does not occur in texts.
pub const DECIMAL: char = '\u{a78f}';
/// Maximum length of a unit after a number, as in `500 ml` and `2 liter`.
const MAX_UNIT: usize = 5;
/// Maximum number of numbers and letters in a word that is also indexed by them: `60x80x40cm`.
const MAX_RUNS: usize = 6;

/// Joins the digits around a decimal point or comma, of which the kind does not matter: `1.5` and `1,50` are the same
/// word. Three digits after it are thousands: `1,000`. Numbers with several points, such as dates, stay apart.
pub fn merge_decimals(tokens: Vec<Token>) -> Vec<Token> {
    let is_fraction: Vec<bool> = (0..tokens.len())
        .map(|index| index > 0 && is_fraction(&tokens[index - 1], &tokens[index]))
        .collect();
    if !is_fraction.contains(&true) {
        return tokens;
    }
    let mut merged: Vec<Token> = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.into_iter().enumerate() {
        let has_several = (index > 0 && is_fraction[index - 1])
            || (is_number(&token.word) && is_fraction.get(index + 1) == Some(&true));
        if is_fraction[index]
            && !has_several
            && let Some(before) = merged.last_mut()
            && let Some(number) = with_fraction(&before.word, &token.word)
        {
            before.word = number;
            before.accented = None;
        } else {
            merged.push(token);
        }
    }
    merged
}

fn is_fraction(before: &Token, token: &Token) -> bool {
    token.is_word()
        && before.is_word()
        && matches!(token.separator, Some('.' | ','))
        && token
            .word
            .starts_with(|letter: char| letter.is_ascii_digit())
        && before
            .word
            .ends_with(|letter: char| letter.is_ascii_digit())
        && !before.word.contains(DECIMAL)
        && !token.word.contains(DECIMAL)
}

fn with_fraction(whole: &str, rest: &str) -> Option<String> {
    let end = rest.find(|letter: char| !letter.is_ascii_digit());
    let (digits, unit) = rest.split_at(end.unwrap_or(rest.len()));
    let is_thousands =
        digits.len() == 3 && is_number(whole) && whole.len() <= 3 && !whole.starts_with('0');
    let decimals = digits.trim_end_matches('0');
    let merged = if is_thousands {
        [whole, digits, unit].concat()
    } else if decimals.is_empty() {
        [whole, unit].concat()
    } else {
        [whole, DECIMAL.encode_utf8(&mut [0; 4]), decimals, unit].concat()
    };
    (merged.chars().count() <= MAX_WORD).then_some(merged)
}

/// Returns the tokens of each compound, such as `wi-fi`, `AC/DC`, `AT&T` or `l'huile`.
pub fn compounds(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut compounds: Vec<Range<usize>> = Vec::new();
    for index in 1..tokens.len() {
        let (before, token) = (&tokens[index - 1], &tokens[index]);
        let is_joined = before.is_word()
            && token.is_word()
            && match token.separator {
                Some('-' | '\u{2010}' | '\u{2013}' | '\u{2212}' | '\u{5be}' | '\'') => true,
                // Digits around another joiner are two numbers, such as `24/7`.
                Some('/' | '&' | '.' | '_' | '+' | '·') => !is_number(&token.word),
                _ => false,
            };
        match compounds
            .last_mut()
            .filter(|compound| compound.end == index)
        {
            _ if !is_joined => {}
            Some(compound) => compound.end = index + 1,
            None => compounds.push(index - 1..index + 1),
        }
    }
    compounds
}

/// Joins tokens, unless the word would be too long.
pub fn joined(tokens: &[Token]) -> Option<String> {
    let mut joined = String::with_capacity(tokens.iter().map(|token| token.word.len()).sum());
    for token in tokens {
        joined.push_str(&token.word);
    }
    let is_short = joined.len() <= MAX_WORD || joined.chars().count() <= MAX_WORD;
    is_short.then_some(joined)
}

/// Returns the words that end with this token when a number is written together with its unit or name, each with the
/// index of its first token: `500ml`, `iphone15`, `60x80` and `60x80x40`.
pub fn number_joins(tokens: &[Token], index: usize) -> Vec<(usize, String)> {
    let words = &tokens[..=index];
    let [.., before, token] = words else {
        return Vec::new();
    };
    if !before.is_word() || !token.is_word() {
        return Vec::new();
    }
    let (number, word) = (&*before.word, &*token.word);
    let mut starts = Vec::new();
    if (is_number(number) && is_unit(word)) || (is_letters(number) && is_number(word)) {
        starts.push(index - 1);
    }
    // Each number before a sign of multiplication.
    let mut start = index;
    while let Some([first, times]) = start.checked_sub(2).and_then(|two| words.get(two..start))
        && times.word == "x"
        && first.word.ends_with(|letter: char| letter.is_ascii_digit())
        && starts_with_number(&words[start].word)
        && index - start < MAX_RUNS
    {
        start -= 2;
        starts.push(start);
    }
    let joins = starts.into_iter();
    joins
        .filter_map(|start| Some((start, joined(&words[start..])?)))
        .collect()
}

/// Returns the numbers and letters of a word of both, such as `500` and `ml`, or `60`, `x`, `80` and `cm`. `None` for a
/// word of one kind, and for a code with more of them.
pub fn runs(word: &str) -> Option<Vec<&str>> {
    if word.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return None;
    }
    let mut runs = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (index, letter) in word.char_indices() {
        let is_digit = is_digit(letter);
        if last.is_some_and(|last| last != is_digit) {
            runs.push(&word[start..index]);
            start = index;
        }
        last = Some(is_digit);
    }
    runs.push(&word[start..]);
    let is_code = runs.len() > 4
        && runs[1..runs.len() - 1]
            .iter()
            .any(|run| !is_number(run) && *run != "x");
    ((2..=MAX_RUNS).contains(&runs.len()) && !is_code).then_some(runs)
}

/// Returns the words that a search for a word of these runs may stand for: `60x80` and `cm`; `iphone`, `15` and `pro`.
/// Words of two runs are indexed together and apart, as are dimensions. Letters within digits are a code.
pub fn apart(runs: &[&str]) -> Option<Vec<String>> {
    let is_code = |run: &&str| run.len() == 1 && *run != "x" && !is_number(run);
    if runs.len() < 3 || runs[1..runs.len() - 1].iter().any(is_code) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let is_times = |index: usize| {
            runs.get(index) == Some(&"x") && index > 0 && runs.get(index + 1).is_some()
        };
        let continues = is_times(index) || (index > 0 && is_times(index - 1));
        match words.last_mut().filter(|_| continues) {
            Some(dimensions) => dimensions.push_str(run),
            None => words.push((*run).to_owned()),
        }
    }
    (words.len() > 1).then_some(words)
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit() || letter == DECIMAL
}

pub fn is_number(word: &str) -> bool {
    word.chars().all(is_digit)
}

fn starts_with_number(word: &str) -> bool {
    word.starts_with(is_digit)
}

/// Whether a word has no digits.
pub fn is_letters(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_lowercase())
        || word
            .chars()
            .all(|letter| is_word_character(letter) && !letter.is_numeric() && letter != DECIMAL)
}

fn is_unit(word: &str) -> bool {
    let area = word.strip_suffix(['2', '3']).unwrap_or(word);
    !area.is_empty() && is_letters(area) && area.chars().count() <= MAX_UNIT
}
