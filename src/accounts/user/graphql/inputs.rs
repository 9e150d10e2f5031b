//! What clients send to narrow and order lists of users.

use async_graphql::InputObject;

use super::UserRole;
use crate::accounts::user::list::{Filter, Search, SortField};
use crate::core::error::Result;
use crate::core::range::DateTimeRange;

crate::sort_input!(UserSort, SortField);

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
