//! Renames columns before a file is read.

use super::cells;
use super::layout::NAMES;
use crate::core::error::{Error, Result, UserError, UserErrorCode};

/// Renames a column of a file to one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnMapping {
    /// Heading in the file.
    pub from: String,
    /// One of our columns, such as `price`.
    pub to: String,
}

/// Validated mappings. Each of our columns occurs at most once.
#[derive(Clone, Debug, Default)]
pub struct Mapping(Vec<(String, &'static str)>);

impl Mapping {
    /// Validates the mappings.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` on an entry of `columns`.
    pub fn new(columns: &[ColumnMapping]) -> Result<Self> {
        let mut checked: Vec<(String, &'static str)> = Vec::new();
        for (number, ColumnMapping { from, to }) in columns.iter().enumerate() {
            let from = cells::heading(from);
            let name = to.trim().to_lowercase();
            let Some(to) = NAMES.into_iter().find(|known| *known == name) else {
                let (to, known) = (cells::shorten(to), NAMES.join(", "));
                let message = format!("{to} is not a column of an import. Use one of {known}.");
                return Err(refuse(number, "to", message));
            };
            if from.is_empty() {
                let message = format!("The name of the column to import as {to} is required.");
                return Err(refuse(number, "from", message));
            }
            if checked.iter().any(|(_, known)| *known == to) {
                let message = format!("Two columns are mapped to {to}.");
                return Err(refuse(number, "to", message));
            }
            if checked.iter().any(|(known, _)| is_same(known, &from)) {
                let message = format!("The column {from} is mapped twice.");
                return Err(refuse(number, "from", message));
            }
            checked.push((from, to));
        }
        Ok(Self(checked))
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Renames the columns of a header. A column that already has the new name is renamed, and ignored as unknown.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` on a mapping whose column is missing or occurs twice.
    pub fn apply(&self, header: &mut [String]) -> Result<()> {
        let mut renamed = Vec::new();
        for (number, (from, to)) in self.0.iter().enumerate() {
            let mut same = header.iter().enumerate();
            let mut same = same.by_ref().filter(|(_, name)| is_same(name, from));
            let Some((index, _)) = same.next() else {
                let message = format!("The file has no column {from}. {}", listed(header));
                return Err(refuse(number, "from", message));
            };
            if same.next().is_some() {
                let message = format!("The file has two columns {from}.");
                return Err(refuse(number, "from", message));
            }
            renamed.push((index, *to));
        }
        for (index, name) in header.iter_mut().enumerate() {
            if let Some((_, to)) = renamed.iter().find(|(from, _)| *from == index) {
                (*to).clone_into(name);
            } else if renamed.iter().any(|(_, to)| is_same(name, to)) {
                // Another column takes this name.
                name.push_str(" (not renamed)");
            }
        }
        Ok(())
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn refuse(number: usize, part: &str, message: String) -> Error {
    let field = format!("columns.{number}.{part}");
    UserError::new(UserErrorCode::BadUserInput, field.as_str(), message).into()
}

/// Maximum total length of the headings in a message, in bytes.
const MAX_LISTED: usize = 800;

/// Lists the columns of a file for an error message.
pub fn listed(header: &[String]) -> String {
    let mut listing = String::new();
    let names = header.iter().filter(|name| !name.is_empty());
    for (number, name) in names.clone().enumerate() {
        if listing.len() + name.len() > MAX_LISTED {
            let more = names.count() - number;
            return format!("Its columns are: {listing} and {more} more.");
        }
        if number > 0 {
            listing.push_str(", ");
        }
        listing.push_str(name);
    }
    format!("Its columns are: {listing}.")
}
