//! Root fields that read discounts.

use async_graphql::{Context, Enum, InputObject, Object};

use super::{Discount, DiscountConnection};
use crate::core::error::Result;
use crate::core::pagination::{Connection, PageArgs};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::sales::discount::list::{Filter, List, Search, SortField};
use crate::sales::discount::service;

/// Sort fields of discount lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum DiscountSortField {
    /// By name, ignoring case and accents.
    Name,
    /// By creation time.
    CreatedAt,
}

crate::sort_input!(DiscountSort, DiscountSortField, SortField);

/// Filter of a discount list. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct DiscountFilter {
    /// Return only discounts that are switched on (true) or off (false).
    active: Option<bool>,
    /// Return only discounts without a code (true) or with one (false).
    automatic: Option<bool>,
}

/// Root fields that read discounts.
#[derive(Debug, Default)]
pub struct DiscountQuery;

#[Object]
impl DiscountQuery {
    /// Lists discounts with paging, search, filter and sort order.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of another
    /// list or order, and for a search text that is too long or contains control characters.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn discounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Part of the name or code, ignoring case. At most 100 characters. Blank text is ignored."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<DiscountFilter>,
        #[graphql(desc = "Sort order. Default: `CREATED_AT`, `ASC`.")] sort: Option<DiscountSort>,
    ) -> Result<DiscountConnection> {
        let page = PageArgs::new(first, after, last, before);
        let filter = filter.unwrap_or_default();
        let search = search.map(|text| Search::parse(&text, "search"));
        let filter = Filter {
            active: filter.active,
            automatic: filter.automatic,
            search: search.transpose()?.flatten(),
        };
        let query = List::parse(filter, DiscountSort::resolve(sort, false)?, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().admin()?, &query).await?;
        Ok(Connection::new(found, query, Discount::from))
    }
}
