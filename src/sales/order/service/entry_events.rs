//! The events of new entries of the ledger.

use serde_json::{Value, json};

use super::emails::{OrderEmail, queue_email};
use super::events::{NewEvent, record};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::infra::database::Transaction;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Model, Status};
use crate::sales::payment::entity::{self as payment, PaymentId, entry, refund};
use crate::sales::payment::service as payments;
use crate::sales::payment::service::provider::Reported;
use crate::state::State;

/// Records the event of a new entry, and queues the email about a failure.
pub(super) async fn record_entry(
    transaction: &Transaction,
    state: &State,
    order: &Model,
    payment: &payment::Model,
    entry: &Reported,
) -> Result<()> {
    let kind = match entry.kind {
        entry::Kind::Authorized => Kind::PaymentAuthorized,
        entry::Kind::Captured => Kind::PaymentCaptured,
        entry::Kind::Canceled => Kind::PaymentCanceled,
        entry::Kind::Failed => Kind::PaymentFailed,
        // At the provider: a refund of the shop is entered with its own row.
        entry::Kind::Refunded => Kind::RefundSucceeded,
        entry::Kind::RefundFailed => {
            return refund_failed(transaction, state, payment, entry).await;
        }
        entry::Kind::Disputed | entry::Kind::DisputeWon => {
            return note_dispute(transaction, state, payment, entry).await;
        }
    };
    let event = NewEvent {
        data: payment_data(payment.id, entry),
        ..NewEvent::public(kind)
    };
    record(transaction, state, order.id, event).await?;
    match entry.kind {
        entry::Kind::Failed if order.status == Status::Pending => {
            queue_email(transaction, state, order, OrderEmail::PaymentFailed).await
        }
        entry::Kind::Refunded => {
            let email = OrderEmail::RefundedAtProvider(entry.amount);
            queue_email(transaction, state, order, email).await
        }
        _ => Ok(()),
    }
}

/// Records that a refund failed after it was reported as paid, which the buyer has seen. The row of a refund of the shop
/// fails too, so that its units can be refunded again.
async fn refund_failed(
    transaction: &Transaction,
    state: &State,
    payment: &payment::Model,
    entry: &Reported,
) -> Result<()> {
    let reference = entry.failed_refund();
    let error = entry.note.as_deref();
    let mut data = json!({"amount": entry.amount, "error": error});
    let all = payments::refunds_of_orders(transaction, &[payment.order_id]).await?;
    let is_own = |refund: &refund::Model| refund.reference.as_deref() == reference;
    if let Some(own) = all.into_iter().find(is_own) {
        data["refundId"] = own.id.encode().into();
        let own = refund::Model {
            status: refund::Status::Failed,
            last_error: entry.note.clone(),
            ..own
        };
        payments::save_refund(transaction, state, own).await?;
    }
    let (payment_id, amount) = (payment.id.encode(), entry.amount);
    tracing::error!(
        payment = payment_id,
        reference,
        amount,
        error,
        "refund failed after it was paid"
    );
    let event = NewEvent {
        data,
        ..NewEvent::public(Kind::RefundFailed)
    };
    record(transaction, state, payment.order_id, event).await
}

/// Records a dispute for admins.
async fn note_dispute(
    transaction: &Transaction,
    state: &State,
    payment: &payment::Model,
    entry: &Reported,
) -> Result<()> {
    let text = if entry.kind == entry::Kind::Disputed {
        "The buyer disputes the payment. Respond at the payment provider."
    } else {
        "The dispute was won."
    };
    let (id, amount) = (payment.id.encode(), entry.amount);
    tracing::error!(payment = id, amount, "payment is disputed: {text}");
    let event = NewEvent {
        public: false,
        data: json!({"text": text, "amount": amount}),
        ..NewEvent::public(Kind::Note)
    };
    record(transaction, state, payment.order_id, event).await
}

/// Returns the data of an event about a payment. Amounts are in minor units.
fn payment_data(payment: PaymentId, entry: &Reported) -> Value {
    let mut data = json!({"paymentId": payment.encode()});
    if entry.amount > 0 {
        data["amount"] = entry.amount.into();
    }
    if let Some(note) = &entry.note {
        data["note"] = note.as_str().into();
    }
    data
}
