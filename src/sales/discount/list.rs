//! Filter, search and order of lists of discounts.

use super::entity::Model;
use crate::core::error::Result;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::text;

/// The maximum length of a search term in characters.
const MAX_SEARCH: usize = 100;

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    Name,
    #[default]
    CreatedAt,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "discounts";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        match self {
            Self::Name => ("name", KeyKind::Text),
            Self::CreatedAt => ("createdAt", KeyKind::Int),
        }
    }

    fn row_position(self, discount: &Model) -> RowPosition {
        let key = match self {
            Self::Name => Key::Text(discount.name_key.clone()),
            Self::CreatedAt => Key::Int(discount.created_at.0),
        };
        RowPosition::new(key, discount.id)
    }
}

/// Filter of discounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub active: Option<bool>,
    pub automatic: Option<bool>,
    pub search: Option<Search>,
}

/// Search term for a part of a name or a code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    pub name: String,
    pub code: String,
}

impl Search {
    /// Parses a search term. Returns `None` for blank text.
    pub fn parse(search: &str, field: &str) -> Result<Option<Self>> {
        text::check_lookup(search, MAX_SEARCH, field)?;
        let search = search.trim();
        Ok((!search.is_empty()).then(|| Self {
            name: text::sort_key(search),
            code: code_key(search),
        }))
    }
}

/// Returns the form in which codes are compared: in upper case, without surrounding spaces.
pub fn code_key(code: &str) -> String {
    text::normalise(&code.trim().to_uppercase())
}

/// One page of the list.
pub type List = pagination::List<Filter, SortField>;
