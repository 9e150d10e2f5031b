//! Normalization of one-time codes as people type, dictate and paste them.

use unicode_normalization::UnicodeNormalization;

use crate::core::text;

/// Maximum number of characters that are read.
const MAX_LENGTH: usize = 200;
/// Normalizes a code: converts digits of any script to ASCII, converts letters to lower case, and removes all other
/// characters, such as spaces, hyphens, dots and invisible characters.
pub fn normalize(code: &str) -> String {
    let characters = code.chars().take(MAX_LENGTH).nfkc();
    characters
        .map(|character| text::ascii_digit(character).unwrap_or(character))
        .filter(|character| character.is_alphanumeric() && !is_dash(*character))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// Letters that keyboards have in place of a hyphen: the prolonged sound mark, a tatweel.
const fn is_dash(character: char) -> bool {
    matches!(character, '\u{30fc}' | '\u{640}')
}
