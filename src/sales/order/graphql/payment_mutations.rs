//! Root fields that change payments and refunds.

use async_graphql::{Context, Object};

use super::payment_inputs::{
    CapturePaymentInput, CreatePaymentInput, FinishTestPaymentInput, RecordPaymentInput,
    RefundOrderInput, SyncPaymentInput,
};
use super::payment_payloads::{
    CapturePaymentPayload, CreatePaymentPayload, FinishTestPaymentPayload, RecordPaymentPayload,
    RefundOrderPayload, SyncPaymentPayload,
};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::secret::Secret;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::sales::order::entity::OrderId;
use crate::sales::order::service;
use crate::sales::payment::entity::PaymentId;

/// Root fields that change payments and refunds.
#[derive(Debug, Default)]
pub struct PaymentMutation;

#[Object]
impl PaymentMutation {
    /// Pays an order in another way: its open payment is canceled, and a new one is created. Returns the open payment if it
    /// is paid this way already. A payment on account confirms the order at once.
    ///
    /// User errors: `NOT_FOUND` on `orderId` for an order that the viewer may not see; `NOT_CONFIGURED` and
    /// `AMOUNT_TOO_SMALL` on `provider`; `ALREADY_PAID`; `ORDER_CLOSED` if the order was canceled or has expired; `CONFLICT`
    /// while a bank processes the open payment; `BAD_USER_INPUT` for a malformed id. Errors: `SERVICE_UNAVAILABLE` if a
    /// provider does not respond.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn create_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order, and the way to pay it.")] input: CreatePaymentInput,
    ) -> Result<CreatePaymentPayload> {
        let (state, viewer) = (ctx.state(), ctx.viewer());
        let done = async {
            let order = OrderId::parse(&input.order_id, "orderId")?;
            let token = input.token.map(Secret::from);
            let provider = input.provider.into();
            service::create_payment(state, viewer, order, token.as_ref(), provider).await
        };
        into_payload(done.await)
    }

    /// Requests the state of a payment from its provider. Call this when the buyer has paid. The server also does it by
    /// itself, a few seconds later. Can be repeated.
    ///
    /// User errors: `NOT_FOUND` on `paymentId` for a payment that the viewer may not see; `BAD_USER_INPUT` for a malformed
    /// id. Errors: `SERVICE_UNAVAILABLE` if the provider does not respond.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn sync_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment.")] input: SyncPaymentInput,
    ) -> Result<SyncPaymentPayload> {
        let (state, viewer) = (ctx.state(), ctx.viewer());
        let done = async {
            let payment = PaymentId::parse(&input.payment_id, "paymentId")?;
            let token = input.token.map(Secret::from);
            service::sync_payment(state, viewer, payment, token.as_ref()).await
        };
        into_payload(done.await)
    }

    /// Plays the buyer's step of a test payment, and updates the order. A decline is in `payment.lastError`.
    ///
    /// User errors: `NOT_CONFIGURED` if test payments are disabled; `NOT_FOUND` on `paymentId` for a payment that the viewer
    /// may not see; `BAD_USER_INPUT` for a payment of another provider and for a malformed id; `CONFLICT` on `outcome` if the
    /// payment is authorized, captured or canceled.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn finish_test_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment, and the step.")] input: FinishTestPaymentInput,
    ) -> Result<FinishTestPaymentPayload> {
        let (state, viewer) = (ctx.state(), ctx.viewer());
        let done = async {
            let payment = PaymentId::parse(&input.payment_id, "paymentId")?;
            let token = input.token.map(Secret::from);
            let outcome = input.outcome.into();
            service::finish_test(state, viewer, payment, token.as_ref(), outcome).await
        };
        into_payload(done.await)
    }

    /// Records money that was received for an order on account. Parts of the total can be recorded one by one. The order is
    /// paid when all but its canceled units is recorded. Up to the total can be recorded: what was paid for canceled units is
    /// refunded then.
    ///
    /// User errors: `NOT_FOUND` on `orderId`; `BAD_USER_INPUT` for each invalid field; `CONFLICT` on `orderId` if the order
    /// has no open payment on account or nothing is left to pay, and on `amount` for more than is left to pay.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn record_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order, and the amount.")] input: RecordPaymentInput,
    ) -> Result<RecordPaymentPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let order = OrderId::parse(&input.order_id, "orderId")?;
            let note = input.note.as_deref();
            service::record_payment(state, admin, order, input.amount, note).await
        };
        into_payload(done.await)
    }

    /// Captures the authorized amount of a payment. A captured payment stays as it is.
    ///
    /// User errors: `NOT_FOUND` on `paymentId`; `CONFLICT` if the payment is not authorized; `BAD_USER_INPUT` for a malformed
    /// id. Errors: `SERVICE_UNAVAILABLE` if the provider does not respond: then the server repeats the request.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn capture_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment.")] input: CapturePaymentInput,
    ) -> Result<CapturePaymentPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let payment = PaymentId::parse(&input.payment_id, "paymentId")?;
            service::capture_payment(state, admin, payment).await
        };
        into_payload(done.await)
    }

    /// Refunds units of lines, shipping or an amount of an order. Units are refunded at their price, with their tax and
    /// after discounts: all units of a line together exactly the total of the line. Until the provider responds the refund is
    /// `PENDING`. A payment on account is paid back by the shop itself, and its refund succeeds at once.
    ///
    /// User errors: `NOT_FOUND` on `orderId` and on the `lineId` of a line that the order does not have; `BAD_USER_INPUT` for
    /// each invalid field and if the amount is 0; `CONFLICT` on `amount` and on the `quantity` of a line for more than is
    /// left, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn refund_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order, and the parts of it to refund.")] input: RefundOrderInput,
    ) -> Result<RefundOrderPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        into_payload(service::refund_order(state, admin, input.into()).await)
    }
}
