//! Settling a payment: what its provider reports is entered into the ledger, and the order follows.

use super::entry_events::record_entry;
use super::refund::{left, refund_all};
use super::refund_lines::refund_canceled;
use super::sums;
use super::{close, confirm, hold, lock_cart};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::infra::database::Transaction;
use crate::sales::order::entity::{Model, Status};
use crate::sales::order::repository;
use crate::sales::payment::entity::entry;
use crate::sales::payment::entity::{self as payment, PaymentId};
use crate::sales::payment::service::provider::{self, Call, Reported, Snapshot};
use crate::sales::payment::service::{self as payments, backoff, ledgers_of};
use crate::state::State;

/// Asks the provider for the state of a payment, after what was requested for it: creation, capture or cancelation. Enters
/// what is new, updates the order, and confirms or closes it when this is due. Doing it again changes nothing. The provider is
/// asked about a final payment only if something happened to it there, such as a refund.
///
/// # Errors
/// `Unreachable` if the provider does not respond. The payment is settled later then.
pub async fn settle(state: &State, id: PaymentId) -> Result<(Model, payment::Model)> {
    let found = payments::find(state.db.reader(), id).await?;
    let payment = found.ok_or_else(missing)?;
    if payment.status.is_final() && payment.look_at.is_none() {
        let order = repository::find(state.db.reader(), payment.order_id).await?;
        let order = order.ok_or_else(missing)?;
        if !matches!(order.status, Status::Pending | Status::Closing) {
            return Ok((order, payment));
        }
        return apply(state, id, None).await;
    }
    match ask(state, &payment).await {
        Ok(snapshot) => apply(state, id, Some(snapshot)).await,
        Err(error) => {
            postpone(state, id).await?;
            Err(error)
        }
    }
}

/// Calls the provider: does what was requested, or looks the payment up.
async fn ask(state: &State, payment: &payment::Model) -> Result<Snapshot> {
    let mut payment = payment.clone();
    if payment.status == payment::Status::New {
        // Also if its cancelation is requested: only an existing payment can be canceled.
        let created = provider::call(state, &payment, Call::Create).await?;
        if !payment.cancel_requested || created.status.is_final() {
            return Ok(created);
        }
        payment.reference = created.reference;
    }
    let call = if payment.status.is_final() {
        Call::Look
    } else if payment.cancel_requested {
        Call::Cancel
    } else if payment.capture_requested {
        Call::Capture
    } else {
        Call::Look
    };
    provider::call(state, &payment, call).await
}

async fn apply(
    state: &State,
    id: PaymentId,
    snapshot: Option<Snapshot>,
) -> Result<(Model, payment::Model)> {
    let transaction = state.db.begin().await?;
    let (before, mut payment) = lock(&transaction, id).await?;
    let mut order = before.clone();
    if let Some(snapshot) = snapshot {
        if !matches(&order, &payment, &snapshot) {
            state.metrics.count_payment_mismatch();
            payment = postponed(&transaction, state, payment).await?;
            transaction.commit().await?;
            return Ok((order, payment));
        }
        let new = payments::enter(&transaction, state, id, &snapshot.entries).await?;
        payment = update_payment(&transaction, state, payment, &snapshot, &new).await?;
        for entry in &new {
            record_entry(&transaction, state, &order, &payment, entry).await?;
        }
    }
    sums::refresh(&transaction, &mut order).await?;
    if order != before {
        sums::store(&transaction, state, &mut order).await?;
    }
    let mut order = conclude(&transaction, state, order).await?;
    refund_canceled(&transaction, state, &mut order, before.captured).await?;
    let order = return_money(&transaction, state, order, before.captured).await?;
    transaction.commit().await?;
    Ok((order, payment))
}

/// Locks a payment, after its order and the cart of an order that may be confirmed.
pub(super) async fn lock(
    transaction: &Transaction,
    id: PaymentId,
) -> Result<(Model, payment::Model)> {
    let found = payments::find(transaction, id).await?.ok_or_else(missing)?;
    lock_cart(transaction, found.order_id).await?;
    let order = repository::lock(transaction, found.order_id).await?;
    let payment = payments::lock(transaction, id).await?;
    order.zip(payment).ok_or_else(missing)
}

/// Returns whether the provider has the payment that was requested. Otherwise nothing is entered.
fn matches(order: &Model, payment: &payment::Model, snapshot: &Snapshot) -> bool {
    let captured = snapshot.entries.iter();
    let captured = captured.filter(|entry| entry.kind == entry::Kind::Captured);
    let captured: i64 = captured.map(|entry| entry.amount).sum();
    let is_known = |known: &String| snapshot.reference.as_ref() == Some(known);
    let differs = if snapshot.amount != payment.amount || captured > payment.amount {
        Some("amount")
    } else if snapshot.currency != order.currency {
        Some("currency")
    } else if !payment.reference.as_ref().is_none_or(is_known) {
        Some("reference")
    } else {
        snapshot.mismatch
    };
    if let Some(differs) = differs {
        let (id, order) = (payment.id.encode(), order.id.encode());
        let (expected, amount) = (payment.amount, snapshot.amount);
        let currency = snapshot.currency.as_str();
        tracing::error!(
            payment = id,
            order,
            differs,
            expected,
            amount,
            currency,
            "payment differs at its provider"
        );
    }
    differs.is_none()
}

async fn update_payment(
    transaction: &Transaction,
    state: &State,
    before: payment::Model,
    snapshot: &Snapshot,
    new: &[Reported],
) -> Result<payment::Model> {
    let mut payment = before.clone();
    let ledger = ledgers_of(transaction, &[payment.id]).await?;
    let ledger = ledger.get(&payment.id).copied().unwrap_or_default();
    payment.status = ledger.status(&payment, snapshot.status);
    payment.reference = snapshot.reference.clone().or(payment.reference);
    payment.last_error = match payment.status {
        payment::Status::Pending => snapshot.last_error.clone(),
        _ => None,
    };
    let is_unchanged = new.is_empty() && payment == before;
    if is_unchanged && next_look(&payment) {
        return postponed(transaction, state, before).await;
    }
    let now = state.clock.now();
    payment.attempts = 0;
    payment.look_at = next_look(&payment).then(|| backoff(now, 0));
    if is_unchanged && payment == before {
        return Ok(before);
    }
    payments::save(transaction, state, payment).await
}

/// Returns whether the provider has to be asked again.
fn next_look(payment: &payment::Model) -> bool {
    let is_manual = payment.provider == payment::Provider::Manual;
    !payment.status.is_final() && !is_manual
}

/// Sets the time of the next look at a locked payment that has not changed.
async fn postponed(
    transaction: &Transaction,
    state: &State,
    mut payment: payment::Model,
) -> Result<payment::Model> {
    if !next_look(&payment) && payment.look_at.is_none() {
        return Ok(payment);
    }
    payment.look_at = Some(backoff(state.clock.now(), payment.attempts));
    payment.attempts = payment.attempts.saturating_add(1);
    payments::save(transaction, state, payment).await
}

async fn postpone(state: &State, id: PaymentId) -> Result<()> {
    let transaction = state.db.begin().await?;
    let (_, payment) = lock(&transaction, id).await?;
    postponed(&transaction, state, payment).await?;
    Ok(transaction.commit_without_records().await?)
}

/// Confirms a locked order that is paid, or closes one that can't be paid any more.
pub(super) async fn conclude(
    transaction: &Transaction,
    state: &State,
    order: Model,
) -> Result<Model> {
    let is_open = matches!(order.status, Status::Pending | Status::Closing);
    if !is_open {
        return Ok(order);
    }
    let all = payments::of_orders(transaction, &[order.id]).await?;
    // An authorization that is being canceled does not pay the order.
    let is_canceling = all
        .iter()
        .any(|payment| payment.cancel_requested && !payment.status.is_final());
    let authorized = if is_canceling { 0 } else { order.authorized };
    let paid = authorized + order.captured;
    if paid > 0 && paid >= order.total {
        return confirm(transaction, state, order).await;
    }
    let is_final = all.iter().all(|payment| payment.status.is_final());
    let is_closing = order.status == Status::Closing && !hold::is_held(state, &order);
    if is_closing && is_final && order.captured == 0 {
        return close(transaction, state, order).await;
    }
    Ok(order)
}

/// Refunds the amount that this settlement captured for a locked, closed order: a capture that was running when it was
/// canceled. A refund that failed is not repeated, because it would fail again: an admin refunds in another way.
async fn return_money(
    transaction: &Transaction,
    state: &State,
    mut order: Model,
    captured_before: i64,
) -> Result<Model> {
    let is_closed = matches!(order.status, Status::Canceled | Status::Expired);
    if is_closed && order.captured > captured_before && left(&order) > 0 {
        tracing::error!(
            order = order.id.encode(),
            "payment of a closed order was captured"
        );
        refund_all(transaction, state, &mut order, None).await?;
    }
    Ok(order)
}

fn missing() -> Error {
    Error::internal(anyhow::anyhow!("the payment or its order does not exist"))
}
