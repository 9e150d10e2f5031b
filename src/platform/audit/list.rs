//! What can be asked of the audit log: which entries, from where to where. The newest stand first.

use uuid::Uuid;

use super::entity::Model;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::pagination::{self, Key, KeyKind, Place};
use crate::core::range::Range;
use crate::core::text;

/// How many actions a filter may name.
const MAX_ACTIONS: usize = 50;
/// How many characters the name of an action may have.
const MAX_ACTION: usize = 100;

/// What the log is ordered by.
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

    fn place(self, entry: &Model) -> Place {
        Place::new(Key::Int(entry.at.0), entry.id)
    }
}

/// Which entries a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub actor: Option<Uuid>,
    pub subject: Option<String>,
    pub actions: Option<Vec<String>>,
    pub at: Range<Timestamp>,
}

/// The actions that a filter names, if they are names and not too many.
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

/// One page of the log.
pub type List = pagination::List<Filter, SortField>;
