//! The orders of a user, in the user's own object.

use async_graphql::{Context, Object};

use super::Order;
use crate::accounts::user::graphql::UserSales;
use crate::core::error::Result;
use crate::core::pagination::{Connection, Count, PageArgs, Sort, SortDirection, Total};
use crate::graphql::dataloader::ContextExt;
use crate::sales::order::own_list::{OrdersOf, OwnList, SortField};
use crate::sales::order::service;

/// Page of the orders of a user.
pub type UserOrderConnection = Connection<Order, OrdersOf>;

impl Count for OrdersOf {
    const TYPE_NAME: Option<&'static str> = Some("UserOrderConnection");

    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count_own(&ctx.state().db, ctx.viewer(), *self).await
    }
}

#[Object(cache_control(private))]
impl UserSales {
    /// The orders of the user, newest first.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, and for a cursor of another
    /// list.
    async fn orders(
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
    ) -> Result<UserOrderConnection> {
        let page = PageArgs::new(first, after, last, before);
        let sort = Sort {
            field: SortField::PlacedAt,
            direction: SortDirection::Desc,
        };
        let query = OwnList::parse(OrdersOf(self.0), sort, page)?;
        let found = service::list_own(&ctx.state().db, ctx.viewer(), &query).await?;
        Ok(Connection::new(found, query, Order::from))
    }
}
