//! Why stock changes, for the list of movements.

use crate::catalog::product::entity::stock::movement::Kind;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::text;
use crate::core::viewer::UserId;

/// Why stock changes.
#[derive(Clone, Debug)]
pub struct Reason {
    pub kind: Kind,
    pub note: Option<String>,
    /// The admin. None for an import.
    pub actor: Option<UserId>,
}

impl Reason {
    /// The stock was set to a new value.
    pub const fn counted(actor: Option<UserId>) -> Self {
        Self {
            kind: Kind::Counted,
            note: None,
            actor,
        }
    }
}

/// Maximum length of a note in characters.
const MAX_NOTE: usize = 200;

/// Checks the note of a stock movement.
pub fn check_note(note: Option<String>) -> Result<Option<String>> {
    let note = note.filter(|note| !note.trim().is_empty());
    let Some(note) = note else { return Ok(None) };
    let checked = text::check_description(&note);
    let checked = checked.ok().filter(|note| note.chars().count() <= MAX_NOTE);
    let message = "A note has at most 200 characters, without control characters.";
    let refused = || UserError::new(UserErrorCode::BadUserInput, "note", message);
    Ok(Some(checked.ok_or_else(refused)?))
}
