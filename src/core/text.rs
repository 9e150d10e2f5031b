//! Texts made comparable here, because no two databases agree on case, accents and order.

mod visible;

pub use visible::{clean_line, clean_text};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::core::error::{Error, Result};

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

/// How many characters a name may have.
pub const MAX_NAME: usize = 200;

/// What is said of a character that no database takes.
const CONTROL: &str = "Control characters are not allowed.";

/// A name as it is stored: without invisible characters, trimmed, NFC, on one line, with something to see in it.
pub fn check_name(name: &str) -> Result<String, &'static str> {
    let name = normalise(clean_line(name).trim());
    if name.contains('\0') {
        return Err(CONTROL);
    }
    if name.chars().nth(MAX_NAME).is_some() {
        return Err("At most 200 characters are allowed.");
    }
    let visible =
        |letter: char| !letter.is_whitespace() && !is_combining_mark(letter) && !is_blank(letter);
    if !name.chars().any(visible) {
        return Err("This must not be empty.");
    }
    Ok(name)
}

/// How many characters a description may have.
pub const MAX_DESCRIPTION: usize = 20_000;

/// A text of several lines as it is stored: without invisible characters, trimmed, NFC, each line ended by a line feed. It
/// may be empty.
pub fn check_description(text: &str) -> Result<String, &'static str> {
    let text = normalise(clean_text(text).trim());
    if text.contains('\0') {
        return Err(CONTROL);
    }
    if text.chars().nth(MAX_DESCRIPTION).is_some() {
        return Err("At most 20000 characters are allowed.");
    }
    Ok(text)
}

/// How many characters the shop's own number of a product may have.
pub const MAX_SKU: usize = 100;

/// The shop's own number of a product as it is stored: trimmed, NFC, on one line.
pub fn check_sku(sku: &str) -> Result<String, &'static str> {
    let sku = check_name(sku)?;
    if sku.chars().nth(MAX_SKU).is_some() {
        return Err("At most 100 characters are allowed.");
    }
    Ok(sku)
}

/// Characters that turn or hide the text around them: line and paragraph separators, marks and overrides of direction,
/// the zero-width space, the byte order mark.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Letters of which nothing is seen: fillers and joiners.
fn is_blank(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{200c}'
            | '\u{200d}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
    )
}
