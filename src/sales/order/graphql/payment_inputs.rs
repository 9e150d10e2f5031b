//! Inputs of mutations on payments and refunds.

use async_graphql::{Enum, ID, InputObject};

use super::payments::PaymentProvider;
use crate::core::money::Decimal;
use crate::sales::order::service::{RefundInput, RefundLineInput};
use crate::sales::payment::service::provider::Outcome;

/// Input of `createPayment`.
#[derive(Debug, InputObject)]
pub struct CreatePaymentInput {
    /// The id of the order: `order_...`.
    pub order_id: ID,
    /// The token of the order. Not needed by its user and by admins.
    pub token: Option<String>,
    /// Way to pay.
    pub provider: PaymentProvider,
}

/// Input of `syncPayment`.
#[derive(Debug, InputObject)]
pub struct SyncPaymentInput {
    /// The id of the payment: `pay_...`.
    pub payment_id: ID,
    /// The token of the order. Not needed by its user and by admins.
    pub token: Option<String>,
}

/// Input of `finishTestPayment`.
#[derive(Debug, InputObject)]
pub struct FinishTestPaymentInput {
    /// The id of the payment: `pay_...`.
    pub payment_id: ID,
    /// The token of the order. Not needed by its user and by admins.
    pub token: Option<String>,
    /// The step of the buyer.
    pub outcome: TestPaymentOutcome,
}

/// Step of the buyer at the test provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Outcome")]
pub enum TestPaymentOutcome {
    /// The buyer pays. With `PAYMENT_CAPTURE=manual` the payment is authorized.
    Succeed,
    /// The payment is declined. The buyer can try again on the same payment.
    Decline,
    /// The payment is authorized. An admin captures it with `capturePayment`.
    Authorize,
    /// The buyer pays, but the bank needs time. A later `SUCCEED` or `DECLINE` decides.
    Process,
    /// The buyer leaves: nothing happens, and the order expires.
    Vanish,
}

/// Input of `recordPayment`.
#[derive(Debug, InputObject)]
pub struct RecordPaymentInput {
    /// The id of the order: `order_...`.
    pub order_id: ID,
    /// The amount that was received. Default: the unpaid amount, without canceled units.
    pub amount: Option<Decimal>,
    /// Note for admins, such as the reference of a bank transfer. At most 500 characters.
    pub note: Option<String>,
}

/// Input of `capturePayment`.
#[derive(Debug, InputObject)]
pub struct CapturePaymentInput {
    /// The id of the payment: `pay_...`.
    pub payment_id: ID,
}

/// Input of `refundOrder`.
#[derive(Debug, InputObject)]
pub struct RefundOrderInput {
    /// The id of the order: `order_...`.
    order_id: ID,
    /// Units to refund. At most 100 lines, each once. Default: none.
    #[graphql(default)]
    lines: Vec<RefundOrderLineInput>,
    /// Whether to refund shipping, as far as it is not refunded yet. Default: false.
    #[graphql(default)]
    shipping: bool,
    /// The amount to refund, instead of the price of the lines and shipping.
    amount: Option<Decimal>,
    /// The reason, for the buyer. At most 500 characters.
    reason: Option<String>,
    /// The version that the refund is based on. Fails with `CONFLICT` if the order has another one.
    expected_version: Option<i32>,
}

/// Units of a line to refund.
#[derive(Debug, InputObject)]
pub struct RefundOrderLineInput {
    /// The id of the line: `orderline_...`.
    line_id: ID,
    /// Number of units, at least 1.
    quantity: i32,
    /// Whether the units came back and are put back into stock. Only units that were fulfilled can be. Default: false.
    #[graphql(default)]
    restock: bool,
}

impl From<RefundOrderInput> for RefundInput {
    fn from(input: RefundOrderInput) -> Self {
        let line = |line: RefundOrderLineInput| RefundLineInput {
            line_id: line.line_id.0,
            quantity: line.quantity,
            restock: line.restock,
        };
        Self {
            order_id: input.order_id.0,
            lines: input.lines.into_iter().map(line).collect(),
            shipping: input.shipping,
            amount: input.amount,
            reason: input.reason,
            expected_version: input.expected_version,
        }
    }
}
