//! What clients send to narrow and order lists of users.

use async_graphql::{Enum, InputObject};

use super::UserRole;
use crate::accounts::user::list::{Filter, Search, SortField};
use crate::core::error::Result;
use crate::core::range::DateTimeRange;

/// The fields that lists of users can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum UserSortField {
    /// By name, without regard to case and accents.
    Name,
    /// By email address.
    Email,
    /// By creation time.
    CreatedAt,
}

crate::sort_input!(UserSort, UserSortField, SortField);

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
