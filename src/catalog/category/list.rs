//! Filter, sort fields and paging of category lists.

use super::entity::{CategoryId, Model};
use crate::catalog::search::Search;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::pagination::{self, Key, KeyKind, Ranked, RowPosition};

/// The maximum depth of a category. Roots have depth 0.
pub const MAX_LEVEL: u32 = 7;

/// Sort field of a category list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    Tree,
    Name,
    CreatedAt,
    UpdatedAt,
    /// By relevance to the search.
    Relevance,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "categories";
    const RELEVANCE: Option<Self> = Some(Self::Relevance);
    type Row = Ranked<Model>;

    fn cursor(self) -> (&'static str, KeyKind) {
        match self {
            Self::Tree => ("tree", KeyKind::Text),
            Self::Name => ("name", KeyKind::Text),
            Self::CreatedAt => ("createdAt", KeyKind::Int),
            Self::UpdatedAt => ("updatedAt", KeyKind::Int),
            Self::Relevance => ("relevance", KeyKind::Int),
        }
    }

    fn row_position(self, ranked: &Ranked<Model>) -> RowPosition {
        let category = &ranked.row;
        let key = match self {
            Self::Tree => Key::Text(category.path.clone()),
            Self::Name => Key::Text(category.name_key.clone()),
            Self::CreatedAt => Key::Int(category.created_at.0),
            Self::UpdatedAt => Key::Int(category.updated_at.0),
            Self::Relevance => Key::Int(ranked.rank.unwrap_or_default()),
        };
        RowPosition::new(key, category.id)
    }
}

/// Filter of a category list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only categories that match this search.
    pub search: Option<Search>,
    pub parent: Option<CategoryId>,
    /// 0 is a root.
    pub level: Option<u32>,
}

impl Filter {
    /// Parses the filter of a client.
    pub fn parse(parent: Option<&str>, level: Option<i32>) -> Result<Self> {
        let parent = parent
            .map(|id| CategoryId::parse(id, "filter.parentId"))
            .transpose()?;
        let level = level
            .map(|level| match u32::try_from(level) {
                Ok(level @ 0..=MAX_LEVEL) => Ok(level),
                _ => Err(Error::bad_input(
                    "filter.level",
                    format!("`level` must be from 0 to {MAX_LEVEL}."),
                )),
            })
            .transpose()?;
        Ok(Self {
            search: None,
            parent,
            level,
        })
    }
}

/// One page of a list of categories.
pub type List = pagination::List<Filter, SortField>;
