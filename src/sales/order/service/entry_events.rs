//! The events of new entries of the ledger.

use serde_json::{Value, json};

use super::emails::{OrderEmail, queue_email};
use super::events::{NewEvent, record};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::infra::database::Transaction;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Model, Status};
use crate::sales::payment::entity::entry;
use crate::sales::payment::entity::{self as payment, PaymentId};
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
        entry::Kind::Disputed | entry::Kind::DisputeWon => {
            return note_dispute(transaction, state, payment, entry).await;
        }
    };
    let event = NewEvent {
        data: payment_data(payment.id, entry),
        ..NewEvent::public(kind)
    };
    record(transaction, state, order.id, event).await?;
    if entry.kind == entry::Kind::Failed && order.status == Status::Pending {
        queue_email(transaction, state, order, OrderEmail::PaymentFailed).await?;
    }
    Ok(())
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
