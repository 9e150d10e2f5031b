//! Parses and shortens cell texts.

use crate::catalog::product::Status;
use crate::core::text;

/// Maximum length of a quoted text in a message, in characters.
const MAX_QUOTED: usize = 60;

/// Shortens a text for a message and removes control characters.
pub fn shorten(text: &str) -> String {
    let seen = |character: &char| !character.is_control() && !text::is_invisible(*character);
    let text = text::clean_line(text);
    text.chars().filter(seen).take(MAX_QUOTED).collect()
}

/// Returns a heading without invisible characters, shortened because each error may repeat it.
pub fn heading(text: &str) -> String {
    shorten(text::clean_line(text).trim())
}

/// Whether a cell has no visible characters.
pub fn is_blank(cell: &str) -> bool {
    text::clean_line(cell).trim().is_empty()
}

/// Returns the tags in a cell, which are separated by commas.
pub fn split_tags(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(',').filter(|tag| !is_blank(tag))
}

/// Parses a flag. `None` for an empty cell.
pub fn flag(cell: &str) -> Result<Option<bool>, &'static str> {
    let cell = text::clean_line(cell);
    match cell.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" | "yes" | "y" | "1" | "1.0" => Ok(Some(true)),
        "false" | "no" | "n" | "0" | "0.0" => Ok(Some(false)),
        _ => Err("Write true or false."),
    }
}

/// Parses a publication status. `None` for an empty cell.
pub fn status(cell: &str) -> Result<Option<Status>, &'static str> {
    let cell = text::clean_line(cell);
    match cell.trim().to_ascii_uppercase().as_str() {
        "" => Ok(None),
        "DRAFT" => Ok(Some(Status::Draft)),
        "ACTIVE" => Ok(Some(Status::Active)),
        "ARCHIVED" => Ok(Some(Status::Archived)),
        _ => Err("The status must be DRAFT, ACTIVE or ARCHIVED."),
    }
}
