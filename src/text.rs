//! Texts made comparable here, because no two databases agree on case, accents and order.

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// How many characters a slug may have.
pub const MAX_SLUG: usize = 200;
/// How many characters of a name count for its order.
pub const SORT_KEY_CHARS: usize = 120;

/// What a name is ordered by: without case and accents, so that `Éclair` stands beside `eclair`. It is compared byte by
/// byte.
///
/// Only the marks that Latin, Greek and Cyrillic letters carry are taken away; those of other scripts are vowels and
/// voices, and make another word.
pub fn sort_key(name: &str) -> String {
    let bare = name.trim().nfkd();
    let bare = bare.filter(|letter| !('\u{300}'..='\u{36f}').contains(letter));
    bare.flat_map(char::to_lowercase)
        .nfc()
        .take(SORT_KEY_CHARS)
        .collect()
}

/// A text in the form that texts are stored in: NFC.
pub fn normalise(text: &str) -> String {
    text.nfc().collect()
}

/// Refuses what no database should be asked for: control characters (PostgreSQL takes no NUL) and texts of more than
/// `max` characters.
pub fn check_lookup(text: &str, max: usize, field: &str) -> Result<()> {
    if text.chars().any(char::is_control) {
        return Err(Error::bad_input(
            field,
            "Control characters are not allowed.",
        ));
    }
    if text.chars().nth(max).is_some() {
        return Err(Error::bad_input(
            field,
            format!("At most {max} characters are allowed."),
        ));
    }
    Ok(())
}
