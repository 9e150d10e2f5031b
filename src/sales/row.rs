//! Lookups of the row that a mutation changes.

use crate::core::error::{Result, UserError, UserErrorCode};

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

/// Returns the error for a name that another object has.
pub fn taken(field: &str, noun: &str) -> UserError {
    let message = format!("Another {noun} has it.");
    UserError::new(UserErrorCode::Conflict, field, message)
}
