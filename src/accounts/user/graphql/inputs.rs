//! What clients send to narrow and order lists of users.

use async_graphql::{Enum, InputObject};

use super::UserRole;
use crate::accounts::user::list::{Filter, Search, SortField};
use crate::core::error::Result;
use crate::core::pagination::{Sort, SortDirection};
use crate::core::range::DateTimeRange;

/// What lists of users can be ordered by. Ties are broken by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum UserSortField {
    /// By name, without regard to case and accents.
    Name,
    /// By address.
    Email,
    /// By when the account was made.
    CreatedAt,
}

/// The order of a list of users.
#[derive(Debug, InputObject)]
pub struct UserSort {
    /// What to order by.
    field: UserSortField,
    /// Which way; ASC when absent.
    direction: Option<SortDirection>,
}

/// Which users a list holds. Everything given must be true of them.
#[derive(Debug, Default, InputObject)]
pub struct UserFilter {
    /// Those with this role.
    role: Option<UserRole>,
    /// Those who are shut out (true) or not (false).
    disabled: Option<bool>,
    /// Those whose account was made in this time.
    created_at: Option<DateTimeRange>,
}

impl UserFilter {
    /// The filter and the search together, if they are valid.
    pub fn check(self, search: Option<&str>) -> Result<Filter> {
        let search = search.map(|text| Search::parse(text, "search"));
        let range = |range: DateTimeRange| range.check("filter.createdAt");
        Ok(Filter {
            role: self.role.map(Into::into),
            disabled: self.disabled,
            created_at: self.created_at.map(range).transpose()?.unwrap_or_default(),
            search: search.transpose()?.flatten(),
        })
    }
}

impl From<UserSort> for Sort<SortField> {
    fn from(sort: UserSort) -> Self {
        Self {
            field: sort.field.into(),
            direction: sort.direction.unwrap_or_default(),
        }
    }
}
