//! Filter and sort inputs of category lists.

use async_graphql::{Enum, ID, InputObject};

use crate::catalog::category::list::{Filter, SortField};
use crate::catalog::search;
use crate::core::error::Result;
use crate::core::pagination::{Sort, SortDirection};

/// Sort fields of category lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum CategorySortField {
    /// Tree order: each category directly before its descendants, siblings by `position`.
    Tree,
    /// By name, ignoring case and accents.
    Name,
    /// By creation time.
    CreatedAt,
    /// By time of the last change.
    UpdatedAt,
    /// By relevance to `search`, best match first: whole words, then beginnings of words, then matches with a typo.
    /// Within each of these, matches in the name come before matches in the description. Requires `search`, and is
    /// the default with it.
    Relevance,
}

impl CategorySort {
    /// Resolves the sort order. Default: relevance for a search, otherwise tree order.
    ///
    /// # Errors
    /// Relevance without a search.
    pub fn check(sort: Option<Self>, is_search: bool) -> Result<Sort<SortField>> {
        let field = if is_search {
            SortField::Relevance
        } else {
            SortField::default()
        };
        let direction = SortDirection::default();
        let sort = sort.map_or(Sort { field, direction }, Sort::from);
        if sort.field == SortField::Relevance && !is_search {
            return Err(search::no_relevance());
        }
        Ok(sort)
    }
}

/// Sort order of a category list.
#[derive(Debug, InputObject)]
pub struct CategorySort {
    /// Field to sort by.
    field: CategorySortField,
    /// Sort direction. Default: ASC.
    direction: Option<SortDirection>,
}

/// Filter of a category list. A category must satisfy all given conditions.
#[derive(Debug, Default, InputObject)]
pub struct CategoryFilter {
    /// Only direct children of this category.
    parent_id: Option<ID>,
    /// Only categories at this depth. 0 to 7; 0 is a root.
    level: Option<i32>,
}

impl CategoryFilter {
    /// Validates the input and returns the filter.
    pub fn check(self) -> Result<Filter> {
        Filter::parse(self.parent_id.as_deref().map(String::as_str), self.level)
    }
}

impl From<CategorySort> for Sort<SortField> {
    fn from(sort: CategorySort) -> Self {
        Self {
            field: sort.field.into(),
            direction: sort.direction.unwrap_or_default(),
        }
    }
}
