//! What clients send to narrow and order lists of categories.

use async_graphql::{Enum, ID, InputObject};

use crate::catalog::category::list::{Filter, SortField};
use crate::core::error::Result;

/// The fields that lists of categories can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum CategorySortField {
    /// Menu order: each category right before its descendants, siblings by position.
    Tree,
    /// By name, without regard to case and accents.
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

/// Which categories a list holds. Everything given must be true of them.
#[derive(Debug, Default, InputObject)]
pub struct CategoryFilter {
    /// Those right below this category.
    parent_id: Option<ID>,
    /// Those this far below the roots, from 0 (the roots) to 7.
    level: Option<i32>,
}

impl CategoryFilter {
    /// The filter, when its parts make sense.
    pub fn check(self) -> Result<Filter> {
        Filter::parse(self.parent_id.as_deref().map(String::as_str), self.level)
    }
}
