//! Filter and sort inputs of category lists.

use async_graphql::{Enum, ID, InputObject};

use crate::catalog::category::list::{Filter, SortField};
use crate::core::error::Result;

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
    /// By the time of the last change.
    UpdatedAt,
    /// By relevance to `search`, best match first: exact words, then prefixes of words, then words with typos; within
    /// each, matches in the name before matches in the description. Requires `search`, and is its default order.
    Relevance,
}

crate::sort_input!(CategorySort, CategorySortField, SortField);

/// Filter of a category list. All given conditions must match.
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
