//! Mutations of carts.

use async_graphql::{Context, Object};

use super::cookie;
use super::inputs::{AddCartLinesInput, CreateCartInput, UpdateCartInput, UpdateCartLinesInput};
use super::payloads::{
    AddCartLinesPayload, CreateCartPayload, Created, UpdateCartLinesPayload, UpdateCartPayload,
};
use crate::accounts::auth::graphql::{client, in_cookie};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::sales::cart::service;

/// Root fields that change carts.
#[derive(Debug, Default)]
pub struct CartMutation;

#[Object]
impl CartMutation {
    /// Creates a cart for a client that is not signed in, and returns its token. For a signed-in user it adds the lines to
    /// the user's cart, which needs no token.
    ///
    /// User errors: as of `addCartLines`; `BAD_USER_INPUT` if a cookie is requested without the required header. Errors:
    /// `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn create_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first lines of the cart.")] input: CreateCartInput,
    ) -> Result<CreateCartPayload> {
        into_payload(create(ctx, input).await)
    }

    /// Adds lines to your cart. A line with the same variant and attributes is counted up. Creates the cart of a signed-in
    /// user who has none. Adds either all lines or none. More units than are in stock can be added; the cart then has a
    /// problem.
    ///
    /// User errors: `NOT_FOR_SALE` for a variant that customers can't see; `BAD_USER_INPUT` for each invalid field, for more
    /// than 100 lines and more than 10,000 units of a line.
    #[graphql(directive = auth::apply(Access::Buyer))]
    async fn add_cart_lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lines to add.")] input: AddCartLinesInput,
    ) -> Result<AddCartLinesPayload> {
        let (state, buyer) = (ctx.state(), ctx.viewer().buyer()?);
        let lines = input.lines.into_iter().map(Into::into).collect();
        into_payload(service::add_lines(state, buyer, lines).await)
    }

    /// Sets the quantities of lines of your cart, and removes lines with the quantity 0. Changes either all lines or none.
    ///
    /// User errors: `NOT_FOUND` for a line that the cart does not have; `BAD_USER_INPUT` for each invalid field.
    #[graphql(directive = auth::apply(Access::Buyer))]
    async fn update_cart_lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lines to change.")] input: UpdateCartLinesInput,
    ) -> Result<UpdateCartLinesPayload> {
        let (state, buyer) = (ctx.state(), ctx.viewer().buyer()?);
        let lines = input.lines.into_iter().map(Into::into).collect();
        into_payload(service::update_lines(state, buyer, lines).await)
    }

    /// Updates the contact, the addresses, the shipping method, the discount codes and the note of your cart. Creates the cart
    /// of a signed-in user who has none. A code without effect stays in the cart, which then has a problem.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field, such as `shippingAddress.postalCode`; `CONFLICT` if the version
    /// is not the expected one. Errors: `RATE_LIMITED` for too many discount codes.
    #[graphql(directive = auth::apply(Access::Buyer))]
    async fn update_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateCartInput,
    ) -> Result<UpdateCartPayload> {
        let (state, buyer) = (ctx.state(), ctx.viewer().buyer()?);
        into_payload(service::update(state, buyer, input.into()).await)
    }
}

async fn create(ctx: &Context<'_>, input: CreateCartInput) -> Result<Created> {
    let in_cookie = in_cookie(ctx, input.token_in, "tokenIn")?;
    let lines = input.lines.into_iter().map(Into::into).collect();
    let (cart, token) = service::create(ctx.state(), client(ctx), ctx.viewer(), lines).await?;
    if in_cookie && let Some(token) = &token {
        cookie::set(ctx, token);
    }
    let token = token.filter(|_| !in_cookie);
    Ok(Created { cart, token })
}
