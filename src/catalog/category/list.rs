//! What can be asked of a list of categories: which, in which order, from where to where.

use super::entity::{CategoryId, Model};
use crate::catalog::search::Search;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::pagination::{self, Key, KeyKind, Place, Ranked};

/// The deepest level a category may be on, counted from 0.
pub const MAX_LEVEL: u32 = 7;

/// The fields that lists of categories can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    Tree,
    Name,
    CreatedAt,
    UpdatedAt,
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

    fn place(self, ranked: &Ranked<Model>) -> Place {
        let category = &ranked.row;
        let key = match self {
            Self::Tree => Key::Text(category.path.clone()),
            Self::Name => Key::Text(category.name_key.clone()),
            Self::CreatedAt => Key::Int(category.created_at.0),
            Self::UpdatedAt => Key::Int(category.updated_at.0),
            Self::Relevance => Key::Int(ranked.rank.unwrap_or_default()),
        };
        Place::new(key, category.id)
    }
}

/// Which categories a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// What their words must fit.
    pub search: Option<Search>,
    pub parent: Option<CategoryId>,
    /// 0 is a root.
    pub level: Option<u32>,
}

impl Filter {
    /// Understands what a client sent.
    pub fn parse(parent: Option<&str>, level: Option<i32>) -> Result<Self> {
        let parent = parent
            .map(|id| CategoryId::parse(id, "filter.parentId"))
            .transpose()?;
        let level = level
            .map(|level| match u32::try_from(level) {
                Ok(level @ 0..=MAX_LEVEL) => Ok(level),
                _ => Err(Error::bad_input(
                    "filter.level",
                    format!("A level is from 0 to {MAX_LEVEL}."),
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
