//! Filter and order of the audit log. Newest entries first.

use uuid::Uuid;

use super::entity::Model;
use crate::core::clock::Timestamp;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::range::Range;

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

/// Parameters of one page of the audit log.
pub type List = pagination::List<Filter, SortField>;
