//! Filter and order of the audit log. Newest entries first.

use uuid::Uuid;

use super::entity::Model;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::range::Range;
use crate::core::text;

/// Maximum number of actions in a filter.
const MAX_ACTIONS: usize = 50;
/// Maximum length of the name of an action in characters.
const MAX_ACTION: usize = 100;

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    At,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "audit log";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        ("at", KeyKind::Int)
    }

    fn row_position(self, entry: &Model) -> RowPosition {
        RowPosition::new(Key::Int(entry.at.0), entry.id)
    }
}

/// Filter of audit entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub actor: Option<Uuid>,
    pub subject: Option<String>,
    pub actions: Option<Vec<String>>,
    pub at: Range<Timestamp>,
}

/// Validates the number and the names of actions in a filter.
pub fn check_actions(actions: Vec<String>, field: &str) -> Result<Vec<String>> {
    if actions.len() > MAX_ACTIONS {
        return Err(Error::bad_input(
            field,
            format!("At most {MAX_ACTIONS} actions are allowed."),
        ));
    }
    for action in &actions {
        text::check_lookup(action, MAX_ACTION, field)?;
    }
    Ok(actions)
}

/// Parameters of one page of the audit log.
pub type List = pagination::List<Filter, SortField>;
