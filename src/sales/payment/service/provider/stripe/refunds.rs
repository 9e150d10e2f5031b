//! Refunds at Stripe.

use super::{client, failure, is_old};
use crate::core::id::TypedId;
use crate::core::retry::Failure;
use crate::infra::stripe::currency::to_stripe;
use crate::infra::stripe::{Form, Refund, Stripe, StripeError};
use crate::sales::payment::entity::refund::{self, RefundId};
use crate::sales::payment::entity::{Model, entry};
use crate::sales::payment::repository::{self, refunds};
use crate::sales::payment::service::provider::RefundSnapshot;
use crate::state::State;

/// The metadata that holds the id of the refund.
const REFUND: &str = "refund";

/// Returns whether refunds of a payment are in the ledger.
pub(super) async fn has_entries(state: &State, payment: &Model) -> Result<bool, Failure> {
    let keys = entered_keys(state, payment).await?;
    Ok(!keys.is_empty())
}

/// Returns the ids of the refunds that are in the ledger.
async fn entered_keys(state: &State, payment: &Model) -> Result<Vec<String>, Failure> {
    let entries = repository::entries_of(state.db.reader(), &[payment.id]).await;
    let entries = entries.map_err(|_| database_failed())?.into_iter();
    let refunds = entries.filter(|entry| entry.kind == entry::Kind::Refunded);
    Ok(refunds.map(|entry| entry.provider_key).collect())
}

/// Omits refunds that have no entry of the payment: those of the shop that are pending, whose result is entered with their
/// own row, and those that failed before they were entered. The rows are read after Stripe has answered, so that none is
/// missing.
pub(super) async fn with_entry(
    state: &State,
    payment: &Model,
    all: Vec<Refund>,
) -> Result<Vec<Refund>, Failure> {
    let rows = refunds::of_orders(state.db.reader(), &[payment.order_id]).await;
    let rows = rows.map_err(|_| database_failed())?;
    let entered = entered_keys(state, payment).await?;
    let has_entry = |given: &Refund| {
        let is_pending = rows
            .iter()
            .any(|row| row.status != refund::Status::Succeeded && is_of(given, row.id));
        let is_paid = given.status.as_deref() == Some("succeeded");
        entered.contains(&given.id) || is_paid && !is_pending
    };
    Ok(all.into_iter().filter(has_entry).collect())
}

fn database_failed() -> Failure {
    Failure::Temporary("the database failed".to_owned())
}

fn is_of(given: &Refund, id: RefundId) -> bool {
    let own = given.metadata.as_ref().and_then(|all| all.get(REFUND));
    own.is_some_and(|own| *own == id.encode())
}

pub async fn refund(
    state: &State,
    payment: &Model,
    refund: &refund::Model,
) -> Result<RefundSnapshot, Failure> {
    let stripe = client(state)?;
    let Some(intent) = payment.reference.as_deref() else {
        return Err(Failure::Permanent("the payment has no id".to_owned()));
    };
    let found = if let Some(id) = &refund.reference {
        stripe.refund(id).await
    } else {
        send_refund(state, stripe, intent, refund).await
    };
    match found {
        Ok(found) => {
            let (id, reference) = (refund.id.encode(), found.id.as_str());
            let status = found.status.as_deref();
            tracing::info!(refund = id, reference, status, "refund at Stripe");
            Ok(of_refund(found))
        }
        Err(StripeError::Refused(code)) if refund.reference.is_none() => Ok(RefundSnapshot {
            reference: None,
            status: refund::Status::Failed,
            last_error: Some(code),
        }),
        Err(error) => Err(failure(&error)),
    }
}

async fn send_refund(
    state: &State,
    stripe: &Stripe,
    intent: &str,
    refund: &refund::Model,
) -> Result<Refund, StripeError> {
    let Some(amount) = to_stripe(state.config.shop_currency, refund.amount) else {
        return Err(StripeError::Refused("amount_not_chargeable".to_owned()));
    };
    let form = Form::default()
        .with("payment_intent", intent)
        .with("amount", amount.to_string())
        .with("metadata[order]", refund.order_id.encode())
        .with("metadata[refund]", refund.id.encode());
    let key = refund.id.0.to_string();
    let is_old = is_old(state, refund.created_at);
    if !is_old {
        match stripe.create_refund(&form, &key).await {
            Err(StripeError::KeySpent(_)) => {}
            sent => return sent,
        }
    }
    let all = stripe.refunds_of(intent).await?;
    if let Some(found) = all.into_iter().find(|given| is_of(given, refund.id)) {
        return Ok(found);
    }
    // One more key, never a third one: a refund must not be paid twice.
    let key = if is_old { key } else { format!("{key} again") };
    stripe.create_refund(&form, &key).await
}

fn of_refund(found: Refund) -> RefundSnapshot {
    let status = match found.status.as_deref() {
        Some("succeeded") => refund::Status::Succeeded,
        Some("failed" | "canceled") => refund::Status::Failed,
        _ => refund::Status::Pending,
    };
    let is_failed = status == refund::Status::Failed;
    let reason = found.failure_reason.filter(|_| is_failed);
    RefundSnapshot {
        reference: Some(found.id),
        status,
        last_error: reason,
    }
}
