//! Texts made comparable here, because no two databases agree on case, accents and order.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::{Error, Result};

/// How many characters of a name count for its order.
const SORT_KEY_CHARS: usize = 120;

/// What a name is ordered by: without case and accents, so that `Éclair` stands beside `eclair`.
/// It is compared byte by byte.
pub fn sort_key(name: &str) -> String {
    name.trim()
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .take(SORT_KEY_CHARS)
        .collect()
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
