//! Root fields that change discounts.

use async_graphql::{Context, Object};

use super::inputs::{
    CreateDiscountInput, CreateDiscountPayload, DeleteDiscountInput, DeleteDiscountPayload,
    UpdateDiscountInput, UpdateDiscountPayload,
};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::sales::discount::entity::DiscountId;
use crate::sales::discount::service;

/// Root fields that change discounts.
#[derive(Debug, Default)]
pub struct DiscountMutation;

#[Object]
impl DiscountMutation {
    /// Creates a discount, automatic or with a code.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `categoryIds` and `productIds`; `CONFLICT` on
    /// `code` if another discount has it, and if there are 100 discounts without a code.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_discount(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The discount to create.")] input: CreateDiscountInput,
    ) -> Result<CreateDiscountPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::create(ctx.state(), admin, input.into()).await)
    }

    /// Updates a discount. Orders that used it keep their prices. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `id`, `categoryIds` and `productIds`;
    /// `CONFLICT` on `code` if another discount has it, and if there are 100 discounts without a code, on `usageLimit` if
    /// more orders use it, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_discount(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The discount and its new values.")] input: UpdateDiscountInput,
    ) -> Result<UpdateDiscountPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::update(ctx.state(), admin, input.into()).await)
    }

    /// Deletes a discount. Orders that used it keep their prices.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_discount(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The discount to delete.")] input: DeleteDiscountInput,
    ) -> Result<DeleteDiscountPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = DiscountId::parse(&input.id, "id")?;
            service::delete(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }
}
