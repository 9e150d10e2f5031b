//! Filter, search and order of lists of synonyms.

use super::entity::Model;
use crate::core::error::Result;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::text;

/// The maximum length of a search term in characters.
const MAX_SEARCH: usize = 100;

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    Term,
    #[default]
    CreatedAt,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "search synonyms";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        match self {
            Self::Term => ("term", KeyKind::Text),
            Self::CreatedAt => ("createdAt", KeyKind::Int),
        }
    }

    fn row_position(self, synonym: &Model) -> RowPosition {
        let key = match self {
            Self::Term => Key::Text(synonym.name_key.clone()),
            Self::CreatedAt => Key::Int(synonym.created_at.0),
        };
        RowPosition::new(key, synonym.id)
    }
}

/// Filter of synonyms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub one_way: Option<bool>,
    /// A part of a term, in lower case.
    pub search: Option<String>,
}

impl Filter {
    /// Creates the filter.
    ///
    /// # Errors
    /// A search text that is too long or contains control characters.
    pub fn new(one_way: Option<bool>, search: Option<&str>, field: &str) -> Result<Self> {
        let search = search.unwrap_or_default();
        text::check_lookup(search, MAX_SEARCH, field)?;
        let search = text::normalise(&search.trim().to_lowercase());
        Ok(Self {
            one_way,
            search: Some(search).filter(|search| !search.is_empty()),
        })
    }
}

/// One page of the list.
pub type List = pagination::List<Filter, SortField>;
