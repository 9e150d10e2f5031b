//! What stands in the cells of a row, by the rules of the API.

use crate::catalog::product::Status;
use crate::core::text;

/// How much of a text of a file is told, in letters.
const TOLD: usize = 60;

/// A text of a file, cut for a message; control characters are left out.
pub fn short(text: &str) -> String {
    let seen = |letter: &char| !letter.is_control() && !text::is_invisible(*letter);
    let text = text::clean_line(text);
    text.chars().filter(seen).take(TOLD).collect()
}

/// A heading without what is not seen in it, cut: whatever a file calls its columns, each bad row may repeat one.
pub fn heading(text: &str) -> String {
    short(text::clean_line(text).trim())
}

/// Whether nothing is seen in a cell.
pub fn is_blank(cell: &str) -> bool {
    text::clean_line(cell).trim().is_empty()
}

/// Where a product is in its life; nothing for an empty cell.
pub fn status(cell: &str) -> Result<Option<Status>, &'static str> {
    let cell = text::clean_line(cell);
    match cell.trim().to_ascii_uppercase().as_str() {
        "" => Ok(None),
        "DRAFT" => Ok(Some(Status::Draft)),
        "ACTIVE" => Ok(Some(Status::Active)),
        "ARCHIVED" => Ok(Some(Status::Archived)),
        _ => Err("A status is DRAFT, ACTIVE or ARCHIVED."),
    }
}
