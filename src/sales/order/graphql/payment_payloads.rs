//! Payloads of mutations on payments and refunds.

use super::order::Order;
use super::payments::Payment;
use super::refunds::Refund;
use crate::payload;
use crate::sales::order::entity::Model as OrderRow;
use crate::sales::payment::entity::Model as PaymentRow;
use crate::sales::payment::entity::refund::Model as RefundRow;

payload! {
    /// Payload of `createPayment`.
    CreatePaymentPayload,
    /// Payload of `syncPayment`.
    SyncPaymentPayload,
    /// Payload of `finishTestPayment`.
    FinishTestPaymentPayload,
    /// Payload of `recordPayment`.
    RecordPaymentPayload,
    /// Payload of `capturePayment`.
    CapturePaymentPayload,
    ((OrderRow, PaymentRow) as (order, payment)) {
        /// The payment in its new state. Null if the mutation was refused.
        payment: Option<Payment> = Some(Payment(payment)),
        /// The order of the payment in its new state. Null if the mutation was refused.
        order: Option<Order> = Some(order.into()),
    }
}

payload! {
    /// Payload of `refundOrder`.
    RefundOrderPayload,
    ((OrderRow, RefundRow) as (order, refund)) {
        /// The refund. Null if the mutation was refused.
        refund: Option<Refund> = Some(Refund(refund)),
        /// The order in its new state. Null if the mutation was refused.
        order: Option<Order> = Some(order.into()),
    }
}
