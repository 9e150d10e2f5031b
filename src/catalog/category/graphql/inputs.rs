//! What clients send to narrow and order lists of categories.

use async_graphql::{Enum, ID, InputObject};

use crate::catalog::category::list::{Filter, SortField};
use crate::catalog::search;
use crate::core::error::Result;
use crate::core::pagination::{Sort, SortDirection};

/// What lists of categories can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum CategorySortField {
    /// As a menu reads: each category right before those below it, siblings in the order of the shop.
    Tree,
    /// By name, without regard to case and accents.
    Name,
    /// By when it was made.
    CreatedAt,
    /// By when it was last changed.
    UpdatedAt,
    /// By how well it fits what is searched for, the best first: words as they are, then beginnings of words, then with
    /// typos; of these in the name first, then in the description. Only with `search`, where it is the order when no other
    /// is asked for.
    Relevance,
}

impl CategorySort {
    /// The order that was asked for, if it can be had.
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

/// The order of a list of categories.
#[derive(Debug, InputObject)]
pub struct CategorySort {
    /// What to order by.
    field: CategorySortField,
    /// Which way; ASC when absent.
    direction: Option<SortDirection>,
}

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

impl From<CategorySort> for Sort<SortField> {
    fn from(sort: CategorySort) -> Self {
        Self {
            field: sort.field.into(),
            direction: sort.direction.unwrap_or_default(),
        }
    }
}
