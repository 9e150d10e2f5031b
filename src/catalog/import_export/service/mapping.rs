//! Columns that are renamed before a file is read.

use super::cells;
use super::layout::NAMES;
use crate::core::error::{Error, Result, UserError, UserErrorCode};

/// A column of a file, and the one of ours that it is read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnMapping {
    /// The heading in the file.
    pub from: String,
    /// One of our columns, such as `price`.
    pub to: String,
}

/// Checked mappings: each of our columns at most once.
#[derive(Clone, Debug, Default)]
pub struct Mapping(Vec<(String, &'static str)>);

impl Mapping {
    /// # Errors
    /// A refusal of one of `columns`.
    pub fn new(columns: &[ColumnMapping]) -> Result<Self> {
        let mut checked: Vec<(String, &'static str)> = Vec::new();
        for (number, ColumnMapping { from, to }) in columns.iter().enumerate() {
            let from = cells::heading(from);
            let name = to.trim().to_lowercase();
            let Some(to) = NAMES.into_iter().find(|known| *known == name) else {
                let (to, known) = (cells::short(to), NAMES.join(", "));
                let message = format!("There is no column {to} to read it as. Use one of {known}.");
                return Err(refuse(number, "to", message));
            };
            if from.is_empty() {
                let message = format!("Name the column of the file that is to be {to}.");
                return Err(refuse(number, "from", message));
            }
            if checked.iter().any(|(_, known)| *known == to) {
                let message = format!("Two columns are to be {to}.");
                return Err(refuse(number, "to", message));
            }
            if checked.iter().any(|(known, _)| is_same(known, &from)) {
                let message = format!("The column {from} is renamed twice.");
                return Err(refuse(number, "from", message));
            }
            checked.push((from, to));
        }
        Ok(Self(checked))
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Renames the columns of a header. One that has the new name already gets another, and is left out as unknown.
    ///
    /// # Errors
    /// A refusal of a mapping of a column that the file lacks, or has twice.
    pub fn apply(&self, header: &mut [String]) -> Result<()> {
        let mut renamed = Vec::new();
        for (number, (from, to)) in self.0.iter().enumerate() {
            let mut same = header.iter().enumerate();
            let mut same = same.by_ref().filter(|(_, name)| is_same(name, from));
            let Some((place, _)) = same.next() else {
                let message = format!("The file has no column {from}. {}", listed(header));
                return Err(refuse(number, "from", message));
            };
            if same.next().is_some() {
                let message = format!("The file has two columns {from}.");
                return Err(refuse(number, "from", message));
            }
            renamed.push((place, *to));
        }
        for (place, name) in header.iter_mut().enumerate() {
            if let Some((_, to)) = renamed.iter().find(|(from, _)| *from == place) {
                (*to).clone_into(name);
            } else if renamed.iter().any(|(_, to)| is_same(name, to)) {
                // Another takes its place: it is none of ours.
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

/// How many bytes of headings are told.
const TOLD: usize = 800;

/// The columns of a file, for the author of it.
pub fn listed(header: &[String]) -> String {
    let mut told = String::new();
    let names = header.iter().filter(|name| !name.is_empty());
    for (number, name) in names.clone().enumerate() {
        if told.len() + name.len() > TOLD {
            let more = names.count() - number;
            return format!("Its columns are: {told} and {more} more.");
        }
        if number > 0 {
            told.push_str(", ");
        }
        told.push_str(name);
    }
    format!("Its columns are: {told}.")
}
