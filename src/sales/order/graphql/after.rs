//! Mutations of admins after an order.

use async_graphql::{Context, Object};

use super::after_inputs::{
    AddOrderNoteInput, AddOrderNotePayload, CancelFulfillmentInput, CancelFulfillmentPayload,
    CancelOrderLinesInput, CancelOrderLinesPayload, FulfillOrderInput, FulfillOrderPayload,
    UpdateFulfillmentInput, UpdateFulfillmentPayload, UpdateOrderAddressInput,
    UpdateOrderAddressPayload,
};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::sales::order::entity::fulfillment::FulfillmentId;
use crate::sales::order::service::{self, fulfillments};

/// Root fields that change orders after they were confirmed.
#[derive(Debug, Default)]
pub struct AfterOrderMutation;

#[Object]
impl AfterOrderMutation {
    /// Fulfills all or some open units of a confirmed order: takes them out of the stock, and tells the buyer by email that
    /// they were shipped.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `orderId`, and on `lines` for a line of
    /// another order; `ORDER_CLOSED` if the order was canceled or has expired; `CONFLICT` if it is not confirmed yet, on
    /// `lines` with the number of units that are left, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn fulfill_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order, and the units to ship.")] input: FulfillOrderInput,
    ) -> Result<FulfillOrderPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::fulfill(ctx.state(), admin, input.into()).await)
    }

    /// Changes the tracking of a fulfillment.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`; `CONFLICT` if the fulfillment was canceled.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_fulfillment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The fulfillment and its new values.")] input: UpdateFulfillmentInput,
    ) -> Result<UpdateFulfillmentPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(fulfillments::update(ctx.state(), admin, input.into()).await)
    }

    /// Cancels a fulfillment that was not shipped after all: its units are open again, and back in the stock.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` if the fulfillment was canceled before, or if
    /// units of it were returned.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn cancel_fulfillment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The fulfillment to cancel.")] input: CancelFulfillmentInput,
    ) -> Result<CancelFulfillmentPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = FulfillmentId::parse(&input.id, "id")?;
            fulfillments::cancel(state, admin, id).await
        };
        into_payload(done.await)
    }

    /// Cancels open units of a confirmed order that can't be delivered, and refunds the price of these units. They are for sale
    /// again.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `orderId`, and on `lines` for a line of
    /// another order; `ORDER_CLOSED` if the order was canceled or has expired; `CONFLICT` if it is not confirmed yet, and on
    /// `lines` with the number of units that are left.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn cancel_order_lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order, and the units to cancel.")] input: CancelOrderLinesInput,
    ) -> Result<CancelOrderLinesPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::cancel_lines(ctx.state(), admin, input.into()).await)
    }

    /// Adds a note to the timeline of an order, in any status.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn add_order_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order and the note.")] input: AddOrderNoteInput,
    ) -> Result<AddOrderNotePayload> {
        let admin = ctx.viewer().admin()?;
        let note = (input.text.as_str(), input.public.unwrap_or_default());
        into_payload(service::add_note(ctx.state(), admin, &input.order_id, note).await)
    }

    /// Changes the addresses of an order of which nothing is fulfilled. The total of an order never changes, so the country
    /// that it is shipped to stays. The timeline keeps the address before.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid part of an address, and for another country; `NOT_FOUND`;
    /// `ORDER_CLOSED` if the order was canceled or has expired; `CONFLICT` if it is being closed, or if units were fulfilled.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_order_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order and its new addresses.")] input: UpdateOrderAddressInput,
    ) -> Result<UpdateOrderAddressPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::update_address(ctx.state(), admin, input.into()).await)
    }
}
