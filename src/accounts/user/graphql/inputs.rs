//! Filter and order of lists of users.

use async_graphql::{Enum, InputObject};

use super::UserRole;
use crate::accounts::user::list::{Filter, Search, SortField};
use crate::core::error::Result;
use crate::core::range::DateTimeRange;

/// Sort fields of user lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum UserSortField {
    /// By name, ignoring case and accents.
    Name,
    /// By email address.
    Email,
    /// By creation time.
    CreatedAt,
}

crate::sort_input!(UserSort, UserSortField, SortField);

/// Filter of a user list. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct UserFilter {
    /// Return only users with this role.
    role: Option<UserRole>,
    /// Return only disabled users (true) or only active ones (false).
    disabled: Option<bool>,
    /// Return only users whose email address is verified (true), or only invited users who have not set a password
    /// yet (false).
    email_verified: Option<bool>,
    /// Return only users whose account was created in this range.
    created_at: Option<DateTimeRange>,
}

impl UserFilter {
    /// Validates the filter and the search term.
    pub fn check(self, search: Option<&str>) -> Result<Filter> {
        let search = search.map(|text| Search::parse(text, "search"));
        let range = |range: DateTimeRange| range.check("filter.createdAt");
        Ok(Filter {
            role: self.role.map(Into::into),
            disabled: self.disabled,
            email_verified: self.email_verified,
            created_at: self.created_at.map(range).transpose()?.unwrap_or_default(),
            search: search.transpose()?.flatten(),
        })
    }
}
