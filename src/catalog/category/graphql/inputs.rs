//! What clients send to narrow and order lists of categories.

use async_graphql::{ID, InputObject};

use crate::catalog::category::list::{Filter, SortField};
use crate::core::error::Result;

crate::sort_input!(CategorySort, SortField);

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
