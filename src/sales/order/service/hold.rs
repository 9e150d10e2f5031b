//! Holding the stock of an order that another one replaces.
//!
//! The payment of the earlier order is canceled at its provider before the later order is placed, which takes time. The
//! earlier order keeps its stock meanwhile: the transaction that places the later order closes the earlier one.

use std::time::Duration;

use super::confirm::lock_cart;
use super::settle::conclude;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::sales::order::entity::{Model, OrderId, Status};
use crate::sales::order::repository;
use crate::state::State;

/// The maximum time for which stock is held. Longer than a call of a provider and its retry by the buyer can take.
const HOLD: Duration = Duration::from_secs(30);

/// The time in which a request that replaces an order usually ends.
const REPLACEMENT: Duration = Duration::from_secs(2);

/// Returns the time until which an order that is replaced now is held.
pub(super) fn until(state: &State) -> Timestamp {
    state.clock.now().after(HOLD)
}

/// Returns whether an order keeps its stock for the order that replaces it.
pub(super) fn is_held(state: &State, order: &Model) -> bool {
    let now = state.clock.now();
    order.held_until.is_some_and(|until| until > now)
}

/// Returns whether a request that replaces an order is probably still running.
pub(super) fn is_being_replaced(state: &State, order: &Model) -> bool {
    let now = state.clock.now();
    let recent = now.after(HOLD.saturating_sub(REPLACEMENT));
    order.status == Status::Closing && order.held_until.is_some_and(|until| until > recent)
}

/// Ends the hold of an order that was not replaced after all. The order is closed if its payment is canceled; otherwise
/// this happens when the payment is settled.
pub(super) async fn end(state: &State, id: OrderId) -> Result<()> {
    let transaction = state.db.begin().await?;
    lock_cart(&transaction, id).await?;
    let order = repository::lock(&transaction, id).await?;
    let is_held = |order: &Model| order.status == Status::Closing && order.held_until.is_some();
    let Some(mut order) = order.filter(is_held) else {
        return Ok(());
    };
    order.held_until = None;
    repository::update(&transaction, order.clone()).await?;
    conclude(&transaction, state, order).await?;
    Ok(transaction.commit_without_records().await?)
}
