//! Asking the provider for a refund.

use serde_json::json;

use super::emails::{OrderEmail, queue_email};
use super::events::{NewEvent, record};
use super::sums;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::infra::database::Transaction;
use crate::sales::order::entity::Model;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::repository;
use crate::sales::payment::entity::entry;
use crate::sales::payment::entity::refund::{self, RefundId, Status};
use crate::sales::payment::service::provider::{self, RefundSnapshot, Reported};
use crate::sales::payment::service::{self as payments, backoff};
use crate::state::State;

/// Asks the provider for a pending refund, and enters the result. If the provider does not respond, the refund stays
/// pending. Doing it again pays nothing twice.
pub async fn send_refund(state: &State, id: RefundId) -> Result<(Model, refund::Model)> {
    let db = state.db.reader();
    let refund = payments::find_refund(db, id).await?.ok_or_else(missing)?;
    if refund.status != Status::Pending {
        let order = repository::find(db, refund.order_id).await?;
        return Ok((order.ok_or_else(missing)?, refund));
    }
    let payment = payments::find(db, refund.payment_id).await?;
    let payment = payment.ok_or_else(missing)?;
    let snapshot = match provider::refund(state, &payment, &refund).await {
        Ok(snapshot) => Some(snapshot),
        Err(Error::Unreachable(_)) => None,
        Err(error) => return Err(error),
    };
    let transaction = state.db.begin().await?;
    let (mut order, mut refund) = lock(&transaction, &refund).await?;
    if refund.status != Status::Pending {
        // A concurrent call was faster.
        return Ok((order, refund));
    }
    let reference = snapshot
        .as_ref()
        .and_then(|snapshot| snapshot.reference.clone());
    let snapshot = snapshot.filter(|snapshot| snapshot.status != Status::Pending);
    let Some(snapshot) = snapshot else {
        refund.look_at = Some(backoff(state.clock.now(), refund.attempts));
        refund.attempts = refund.attempts.saturating_add(1);
        // A refund that the provider is processing is looked up from now on.
        refund.reference = reference.or(refund.reference);
        let refund = payments::save_refund(&transaction, state, refund).await?;
        transaction.commit().await?;
        return Ok((order, refund));
    };
    let refund = conclude(&transaction, state, refund, snapshot).await?;
    sums::refresh(&transaction, &mut order).await?;
    sums::store(&transaction, state, &mut order).await?;
    if refund.status == Status::Succeeded {
        queue_email(&transaction, state, &order, OrderEmail::Refunded(id)).await?;
    }
    transaction.commit().await?;
    Ok((order, refund))
}

/// Locks the order, the payment and the refund.
async fn lock(transaction: &Transaction, refund: &refund::Model) -> Result<(Model, refund::Model)> {
    let order = repository::lock(transaction, refund.order_id).await?;
    payments::lock(transaction, refund.payment_id).await?;
    let refund = payments::lock_refund(transaction, refund.id).await?;
    order.zip(refund).ok_or_else(missing)
}

/// Enters the final result of a locked refund.
async fn conclude(
    transaction: &Transaction,
    state: &State,
    mut refund: refund::Model,
    snapshot: RefundSnapshot,
) -> Result<refund::Model> {
    refund.status = snapshot.status;
    refund.last_error = snapshot.last_error;
    refund.look_at = None;
    refund.reference = snapshot.reference;
    let mut data = json!({"refundId": refund.id.encode(), "amount": refund.amount});
    let (kind, public) = if refund.status == Status::Succeeded {
        let key = refund.reference.clone();
        let entry = Reported {
            kind: entry::Kind::Refunded,
            amount: refund.amount,
            key: key.unwrap_or_else(|| format!("refund {}", refund.id.0)),
            note: None,
        };
        payments::enter(transaction, state, refund.payment_id, &[entry]).await?;
        (Kind::RefundSucceeded, true)
    } else {
        data["error"] = refund.last_error.clone().into();
        let (id, error) = (refund.id.encode(), refund.last_error.as_deref());
        tracing::error!(refund = id, error, "refund failed");
        (Kind::RefundFailed, false)
    };
    let event = NewEvent {
        public,
        data,
        ..NewEvent::public(kind)
    };
    record(transaction, state, refund.order_id, event).await?;
    payments::save_refund(transaction, state, refund).await
}

fn missing() -> Error {
    Error::internal(anyhow::anyhow!("the refund or its order does not exist"))
}
