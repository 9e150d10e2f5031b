//! Normalisation of texts, done here because databases differ in case folding, accents and collation.

mod digits;
mod visible;

pub use digits::ascii_digit;
pub use visible::{clean_line, clean_text};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::core::error::{Error, Result};

/// The maximum length of a slug in characters.
pub const MAX_SLUG: usize = 200;
/// The number of characters of a name that its sort key covers.
pub const SORT_KEY_CHARS: usize = 120;

/// Returns the sort key of a name, without case and accents: `Éclair` sorts beside `eclair`. Compared bytewise.
///
/// Only the marks of Latin, Greek and Cyrillic letters are removed. Those of other scripts are vowels and tones,
/// which distinguish words.
pub fn sort_key(name: &str) -> String {
    let bare = name.trim().nfkd();
    let bare = bare.filter(|character| !('\u{300}'..='\u{36f}').contains(character));
    bare.flat_map(char::to_lowercase)
        .nfc()
        .take(SORT_KEY_CHARS)
        .collect()
}

/// Normalises a text to NFC, the form that is stored.
pub fn normalise(text: &str) -> String {
    text.nfc().collect()
}

/// Refuses a lookup text with control characters (PostgreSQL rejects NUL) or more than `max` characters.
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

/// The maximum number of names in a filter.
const MAX_FILTER_NAMES: usize = 50;
/// The maximum length of a name in a filter, in characters.
const MAX_FILTER_NAME: usize = 100;

/// Checks the names in a filter, such as the actions of audit entries. `noun` is their plural in messages.
pub fn check_filter_names(names: Vec<String>, noun: &str, field: &str) -> Result<Vec<String>> {
    if names.len() > MAX_FILTER_NAMES {
        let message = format!("At most {MAX_FILTER_NAMES} {noun} are allowed.");
        return Err(Error::bad_input(field, message));
    }
    for name in &names {
        check_lookup(name, MAX_FILTER_NAME, field)?;
    }
    Ok(names)
}

/// The maximum length of a name in characters.
pub const MAX_NAME: usize = 200;

/// The message for a character that databases reject.
pub const NUL_CHARACTER: &str = "Control characters are not allowed.";

/// Validates and normalises a name: one line, NFC, trimmed, without invisible characters, not blank.
pub fn check_name(name: &str) -> Result<String, &'static str> {
    let name = visible_line(name)?;
    if name.chars().nth(MAX_NAME).is_some() {
        return Err("At most 200 characters are allowed.");
    }
    Ok(name)
}

/// Validates and normalises a line like [`check_name`], with another maximum number of characters.
pub fn check_line(line: &str, max: usize) -> Result<String, String> {
    let line = visible_line(line)?;
    if line.chars().nth(max).is_some() {
        return Err(format!("At most {max} characters are allowed."));
    }
    Ok(line)
}

fn visible_line(line: &str) -> Result<String, &'static str> {
    let line = normalise(clean_line(line).trim());
    if line.contains('\0') {
        return Err(NUL_CHARACTER);
    }
    let visible = |character: char| {
        !character.is_whitespace() && !is_combining_mark(character) && !is_blank(character)
    };
    if !line.chars().any(visible) {
        return Err("This must not be empty.");
    }
    Ok(line)
}

/// The maximum length of a tag in characters.
pub const MAX_TAG: usize = 50;

/// Validates and normalises a tag: a line without a comma, which separates tags in files.
pub fn check_tag(tag: &str) -> Result<String, String> {
    let tag = check_line(tag, MAX_TAG)?;
    if tag.contains(',') {
        return Err("A tag must not contain a comma.".to_owned());
    }
    Ok(tag)
}

/// Returns the form in which tags are compared, without case.
pub fn tag_key(tag: &str) -> String {
    tag.to_lowercase().nfc().collect()
}

/// The maximum length of a description in characters.
pub const MAX_DESCRIPTION: usize = 20_000;

/// Validates and normalises a text of several lines: NFC, trimmed, without invisible characters, lines separated by
/// line feeds. May be empty.
pub fn check_description(text: &str) -> Result<String, &'static str> {
    let text = visible_text(text)?;
    if text.chars().nth(MAX_DESCRIPTION).is_some() {
        return Err("At most 20000 characters are allowed.");
    }
    Ok(text)
}

/// Validates and normalises a text like [`check_description`], with another maximum number of characters.
pub fn check_text(text: &str, max: usize) -> Result<String, String> {
    let text = visible_text(text)?;
    if text.chars().nth(max).is_some() {
        return Err(format!("At most {max} characters are allowed."));
    }
    Ok(text)
}

fn visible_text(text: &str) -> Result<String, &'static str> {
    let text = normalise(clean_text(text).trim());
    if text.contains('\0') {
        return Err(NUL_CHARACTER);
    }
    Ok(text)
}

/// The maximum length of a SKU in characters.
pub const MAX_SKU: usize = 100;

/// Validates and normalises a SKU: one line, NFC, trimmed.
pub fn check_sku(sku: &str) -> Result<String, &'static str> {
    let sku = check_name(sku)?;
    if sku.chars().nth(MAX_SKU).is_some() {
        return Err("At most 100 characters are allowed.");
    }
    Ok(sku)
}

/// Characters that hide or reorder the surrounding text: line and paragraph separators, directional marks and
/// overrides, the zero-width space, the byte order mark.
pub fn is_invisible(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Letters without a visible glyph: fillers and joiners.
fn is_blank(character: char) -> bool {
    matches!(
        character,
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
