//! Root fields that read orders.

use async_graphql::{Context, ID, Object};

use super::Order;
use super::loaders::ById;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::sales::order::service;

/// Root fields that read orders.
#[derive(Debug, Default)]
pub struct OrderQuery;

#[Object]
impl OrderQuery {
    /// Finds an order by id. Null if there is none, or if it is neither yours nor that of the token. Admins see all orders.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(private))]
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the order: `order_...`.")] id: ID,
        #[graphql(
            desc = "The token of the order, which `placeOrder` returns. Default: none, for an order of the signed-in user."
        )]
        token: Option<String>,
    ) -> Nullable<Order> {
        find(ctx, &id, token).await.transpose()
    }
}

async fn find(ctx: &Context<'_>, id: &str, token: Option<String>) -> Result<Option<Order>> {
    let id = TypedId::parse(id, "id")?;
    let token = token.map(Into::into);
    let (state, viewer) = (ctx.state(), ctx.viewer());
    let found = ctx.load(ById(id)).await?;
    let visible = |order: &_| service::access::can_see(state, viewer, order, token.as_ref());
    Ok(found.filter(visible).map(Order::from))
}
