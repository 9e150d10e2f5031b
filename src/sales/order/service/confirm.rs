//! Confirming an order.

use serde_json::json;

use super::emails::{OrderEmail, queue_email};
use super::events::{NewEvent, record_all};
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::sales::cart::service::{self as cart, OrderedItem};
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::{Model, OrderId, Status};
use crate::sales::order::repository;
use crate::state::State;

/// Locks the cart of an order that may be confirmed. It is locked before the order, as by `placeOrder`.
pub(super) async fn lock_cart(transaction: &Transaction, id: OrderId) -> Result<()> {
    let order = repository::find(transaction, id).await?;
    let is_open = |order: &Model| matches!(order.status, Status::Pending | Status::Closing);
    match order.filter(is_open) {
        Some(order) => cart::lock(transaction, order.cart_id).await,
        None => Ok(()),
    }
}

/// Confirms a locked order that is pending or closing: gives it its number, records the event, queues the email and
/// removes the items from the cart. Returns the order as stored.
pub async fn confirm(transaction: &Transaction, state: &State, order: Model) -> Result<Model> {
    if !matches!(order.status, Status::Pending | Status::Closing) {
        return Ok(order);
    }
    let lines = repository::lines_of(transaction, order.id).await?;
    let ordered = lines.iter().map(|line| OrderedItem {
        variant: line.variant_id,
        attributes: &line.attributes,
        quantity: line.quantity,
    });
    let ordered: Vec<_> = ordered.collect();
    cart::remove_ordered(transaction, state, order.cart_id, &ordered).await?;
    number(transaction, state, order, None).await
}

/// Confirms a new order of everything that is in its locked cart. See [`confirm`]. Records `placed` first.
pub(super) async fn confirm_whole_cart(
    transaction: &Transaction,
    state: &State,
    order: Model,
    placed: NewEvent,
) -> Result<Model> {
    cart::delete(transaction, order.cart_id).await?;
    number(transaction, state, order, Some(placed)).await
}

/// Gives an order its number, records the events and queues the email. Returns the order as stored.
async fn number(
    transaction: &Transaction,
    state: &State,
    mut order: Model,
    placed: Option<NewEvent>,
) -> Result<Model> {
    let now = state.clock.now();
    // Last of the waits: all confirmations share the counter.
    let first = i64::from(state.config.orders.order_number_start);
    let number = repository::next_number(transaction, first).await?;
    order.number = Some(number);
    order.status = Status::Confirmed;
    order.closing_as = None;
    order.held_until = None;
    order.confirmed_at = Some(now);
    order.updated_at = now;
    order.version += 1;
    repository::update(transaction, order.clone()).await?;
    let confirmed = NewEvent {
        data: json!({"number": number}),
        ..NewEvent::public(Kind::Confirmed)
    };
    let events = placed.into_iter().chain([confirmed]).collect();
    record_all(transaction, state, order.id, events).await?;
    queue_email(transaction, state, &order, OrderEmail::Confirmed).await?;
    Ok(order)
}
