//! Lookups of the row that a mutation changes, and codes.

use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::slug;
use crate::core::text;

/// The maximum length of a code in characters, as that of the keys of Shopify's metafields.
pub const MAX_CODE: usize = 64;
/// The maximum length of the name of an attribute, a choice or a product type in characters.
pub const MAX_NAME: usize = 100;

/// Returns the row that a mutation changes.
///
/// # Errors
/// `NOT_FOUND` if it does not exist, `CONFLICT` if its version is not the expected one.
pub fn expect<T>(
    found: Option<T>,
    version: impl Fn(&T) -> i32,
    expected: Option<i32>,
    noun: &str,
) -> Result<T> {
    let found = found.ok_or_else(|| missing("id", noun))?;
    let current = version(&found);
    match expected {
        Some(expected) if expected != current => Err(UserError::stale(current).into()),
        _ => Ok(found),
    }
}

/// Returns the error for the id of an object that does not exist.
pub fn missing(field: &str, noun: &str) -> UserError {
    let message = format!("There is no such {noun}.");
    UserError::new(UserErrorCode::NotFound, field, message)
}

/// Returns the error for a name or a code that another object has.
pub fn taken(field: &str, noun: &str) -> UserError {
    let message = format!("Another {noun} has it.");
    UserError::new(UserErrorCode::Conflict, field, message)
}

/// Returns the error for a list that has reached its maximum length.
pub fn full(message: impl Into<String>) -> UserError {
    UserError::new(UserErrorCode::Conflict, None, message)
}

/// Validates a name.
pub fn check_name(name: &str) -> Result<String, String> {
    text::check_line(name, MAX_NAME)
}

/// Validates a code.
pub fn check_code(code: &str) -> Result<String, &'static str> {
    let code = code.trim();
    let is_valid = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if code.is_empty() || code.len() > MAX_CODE || !code.bytes().all(is_valid) {
        return Err(
            "A code consists of 1 to 64 lower-case letters, digits, hyphens and underscores.",
        );
    }
    Ok(code.to_owned())
}

/// Returns codes for a name, in order of preference.
pub fn codes(name: &str, fallback: &str) -> Vec<String> {
    let mut base = slug::from_name(name, fallback);
    base.truncate(MAX_CODE - 9);
    slug::candidates(base.trim_end_matches('-'))
}

/// Returns the first code for a name that is not taken.
pub fn free_code(name: &str, fallback: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut codes = codes(name, fallback);
    let free = codes.iter().position(|code| !is_taken(code));
    codes.swap_remove(free.unwrap_or(0))
}
