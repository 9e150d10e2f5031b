//! Closing an order that was not paid, or whose items are not sent after all.

use serde_json::json;

use super::emails::{OrderEmail, queue_email};
use super::events::{NewEvent, record};
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::service::variants;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::viewer::UserId;
use crate::infra::database::Transaction;
use crate::sales::discount;
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Model, OrderId, Status};
use crate::sales::order::repository;
use crate::sales::payment::entity::{PaymentId, Status as Payment};
use crate::sales::payment::service as payments;
use crate::state::State;

/// Who cancels an order, and why.
#[derive(Clone, Debug, Default)]
pub struct Cancelation {
    /// The user. None for the server and for guests.
    pub actor: Option<UserId>,
    pub reason: Option<String>,
    /// The time until which the order keeps its stock after its payment is canceled. None if it is not replaced.
    pub held_until: Option<Timestamp>,
}

/// Closes a locked order whose payments are all final and captured nothing: it becomes `closing_as`, its stock and its
/// discounts are given back, the event is recorded and the email queued. Returns the order as stored.
pub async fn close(transaction: &Transaction, state: &State, order: Model) -> Result<Model> {
    if !matches!(order.status, Status::Pending | Status::Closing) {
        return Ok(order);
    }
    let status = order.closing_as.unwrap_or(Status::Canceled);
    end(transaction, state, order, status, Cancelation::default()).await
}

/// Begins to close a locked order that is pending or closing already. Without an open payment it is closed at once, and
/// returned as stored. Otherwise the payment is returned too: the caller commits and settles it, which closes the order.
pub(super) async fn begin(
    transaction: &Transaction,
    state: &State,
    mut order: Model,
    status: Status,
    by: Cancelation,
) -> Result<(Model, Option<PaymentId>)> {
    if order.status == Status::Pending || order.held_until != by.held_until {
        if order.status == Status::Pending {
            order.closing_as = Some(status);
        }
        order.status = Status::Closing;
        order.held_until = by.held_until;
        order.updated_at = state.clock.now();
        order.version += 1;
        repository::update(transaction, order.clone()).await?;
    }
    let payment = open_payment(transaction, state, order.id).await?;
    if payment.is_none() {
        let status = order.closing_as.unwrap_or(status);
        order = end(transaction, state, order, status, by).await?;
    }
    Ok((order, payment))
}

/// Requests the cancelation of the open payment of an order, and returns it. The caller commits and settles it.
pub(super) async fn open_payment(
    transaction: &Transaction,
    state: &State,
    order: OrderId,
) -> Result<Option<PaymentId>> {
    if !payments::request_cancel(transaction, state, order).await? {
        return Ok(None);
    }
    let all = payments::of_orders(transaction, &[order]).await?;
    let mut open = all
        .iter()
        .filter(|payment| !matches!(payment.status, Payment::Captured | Payment::Canceled));
    Ok(open.next().map(|payment| payment.id))
}

/// Gives back the stock and the discounts of a locked order, which becomes canceled or expired.
pub(super) async fn end(
    transaction: &Transaction,
    state: &State,
    mut order: Model,
    status: Status,
    by: Cancelation,
) -> Result<Model> {
    discount::service::give_back(transaction, order.id.0).await?;
    let units = open_units(transaction, &order).await?;
    variants::release(transaction, state, order.id.0, &units).await?;
    let now = state.clock.now();
    order.status = status;
    order.closing_as = None;
    order.held_until = None;
    order.closed_at = Some(now);
    order.updated_at = now;
    order.version += 1;
    repository::update(transaction, order.clone()).await?;
    let (kind, email) = match status {
        Status::Expired => (Kind::Expired, OrderEmail::Expired),
        _ => (Kind::Canceled, OrderEmail::Canceled),
    };
    let data = by
        .reason
        .map_or_else(|| json!({}), |reason| json!({"reason": reason}));
    let event = NewEvent {
        actor: by.actor,
        data,
        ..NewEvent::public(kind)
    };
    record(transaction, state, order.id, event).await?;
    queue_email(transaction, state, &order, email).await?;
    Ok(order)
}

/// Returns the units that are promised to an order.
pub(super) async fn open_units(
    transaction: &Transaction,
    order: &Model,
) -> Result<Vec<(VariantId, i64)>> {
    let lines = repository::lines_of_orders(transaction, &[order.id]).await?;
    let tracked = lines.into_iter().filter(|line| line.tracked);
    let units = tracked.map(|line| (line.variant_id, i64::from(line.open())));
    Ok(units.collect())
}
