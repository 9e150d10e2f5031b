//! Mutations of orders.

use async_graphql::{Context, Object};

use super::payloads::{CancelOrderInput, CancelOrderPayload, PlaceOrderInput, PlaceOrderPayload};
use crate::accounts::auth::graphql::client;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::sales::cart::graphql::{ClaimCartPayload, clear_cart_cookie};
use crate::sales::order::entity::Model;
use crate::sales::order::service::{self, Outcome, PlaceInput};

/// Root fields that place and cancel orders, and claim carts with orders.
#[derive(Debug, Default)]
pub struct OrderMutation;

#[Object]
impl OrderMutation {
    /// Orders the contents of your cart. The prices are frozen and the stock is reserved before anything is paid. An order on
    /// account, or with nothing to pay, is confirmed at once; another one when it is paid, or it expires at `payUntil`.
    ///
    /// Repeated with the same cart it returns the same order, so it needs no `Idempotency-Key`, which is ignored. If the
    /// cart has changed, the earlier order is canceled first, unless it is paid.
    ///
    /// User errors: `TOTAL_CHANGED` if the order costs something else than expected; `OUT_OF_STOCK` and `NOT_FOR_SALE` for
    /// each line, such as `lines.0`; `BAD_USER_INPUT` for each missing field of the cart; `CODE_NOT_APPLICABLE` if a discount
    /// was used up at the same moment; `ALREADY_PAID` with the earlier order; `AMOUNT_TOO_SMALL` for the way to pay;
    /// `NOT_CONFIGURED` for one that the shop does not offer. Errors: `SERVICE_UNAVAILABLE` if the payment of an earlier order
    /// can't be canceled yet.
    #[graphql(directive = auth::apply(Access::Buyer))]
    async fn place_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the buyer agrees to.")] input: PlaceOrderInput,
    ) -> Result<PlaceOrderPayload> {
        into_payload(Box::pin(place(ctx, input)).await)
    }

    /// Cancels an order and gives back its stock: a pending order for its buyer and for admins, a confirmed one for admins
    /// while nothing of it is fulfilled. What was paid is refunded. An order that is canceled already stays as it is.
    ///
    /// User errors: `NOT_FOUND` for an order that you may not see; `ORDER_CLOSED` if it has expired, or is confirmed and you
    /// are not an admin; `ALREADY_PAID` if it was paid meanwhile; `CONFLICT` if a part of it is fulfilled; `BAD_USER_INPUT`
    /// for an invalid reason.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn cancel_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: CancelOrderInput,
    ) -> Result<CancelOrderPayload> {
        into_payload(cancel(ctx, input).await)
    }

    /// Takes over the cart that you filled before you signed in: that of the cart token in the header `Cart-Token` or in the
    /// cookie. It becomes your cart, or is merged into it: each line gets the higher of both quantities, and your own
    /// addresses and contact stay. Lines beyond 100 are dropped. The token is invalid then. Without a valid token your cart
    /// stays as it is, so the mutation can be repeated.
    ///
    /// A pending order of a cart that is merged is canceled first. If it is paid, its items are not merged.
    ///
    /// Errors: `SERVICE_UNAVAILABLE` if the payment of that order can't be canceled yet.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn claim_cart(&self, ctx: &Context<'_>) -> Result<ClaimCartPayload> {
        let (state, caller) = (ctx.state(), ctx.viewer().signed_in()?);
        let client = client(ctx);
        let done = service::claim_cart(state, caller, client.any_cart_token()).await;
        if done.is_ok() && client.cart_token.is_none() && client.cart_cookie.is_some() {
            clear_cart_cookie(ctx);
        }
        into_payload(done)
    }
}

async fn place(ctx: &Context<'_>, input: PlaceOrderInput) -> Result<Outcome> {
    let (state, buyer) = (ctx.state(), ctx.viewer().buyer()?);
    let currency = state.config.shop_currency;
    let input = PlaceInput {
        expected_total: input.expected_total.to_minor(currency, "expectedTotal")?,
        provider: input.payment.provider.into(),
    };
    Box::pin(service::place(state, buyer, input)).await
}

async fn cancel(ctx: &Context<'_>, input: CancelOrderInput) -> Result<Model> {
    let id = TypedId::parse(&input.id, "id")?;
    let token = input.token.map(Into::into);
    service::cancel(ctx.state(), ctx.viewer(), id, token.as_ref(), input.reason).await
}
