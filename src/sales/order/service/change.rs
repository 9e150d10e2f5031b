//! What changes of an order by admins have in common.

use super::names::fulfillment_status_name;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::sales::order::entity::line::Model as Line;
use crate::sales::order::entity::{FulfillmentStatus, Model, Status};
use crate::sales::order::repository;
use crate::sales::order_id::OrderId;
use crate::sales::row;
use crate::state::State;

/// The noun of messages.
pub const NOUN: &str = "order";

/// Locks an order until the transaction ends.
///
/// # Errors
/// `NOT_FOUND` on `orderId`, `CONFLICT` on `expectedVersion`.
pub async fn lock(
    transaction: &Transaction,
    id: OrderId,
    expected_version: Option<i32>,
) -> Result<Model> {
    let found = repository::lock(transaction, id).await?;
    let found = found.ok_or_else(|| row::missing("orderId", NOUN))?;
    row::expect(Some(found), |row| row.version, expected_version, NOUN)
}

/// Refuses an order that was canceled or has expired.
pub fn require_live(order: &Model, field: &str) -> Result<()> {
    let message = match order.status {
        Status::Canceled => "The order was canceled.",
        Status::Expired => "The order was not paid in time.",
        Status::Pending | Status::Closing | Status::Confirmed => return Ok(()),
    };
    Err(UserError::new(UserErrorCode::OrderClosed, field, message).into())
}

/// Refuses an order that is not confirmed.
pub fn require_confirmed(order: &Model, field: &str) -> Result<()> {
    require_live(order, field)?;
    if order.status == Status::Confirmed {
        return Ok(());
    }
    let message = "The order is not confirmed: it is not paid yet.";
    Err(UserError::new(UserErrorCode::Conflict, field, message).into())
}

/// Stores a changed order as its next version.
pub async fn save(transaction: &Transaction, state: &State, order: &mut Model) -> Result<()> {
    order.version += 1;
    order.updated_at = state.clock.now();
    Ok(repository::update(transaction, order.clone()).await?)
}

/// Returns the fulfillment status of an order with these lines.
pub fn fulfillment_status(lines: &[Line]) -> FulfillmentStatus {
    if lines.iter().all(|line| line.fulfilled == 0) {
        FulfillmentStatus::None
    } else if lines.iter().all(|line| line.open() == 0) {
        FulfillmentStatus::Fulfilled
    } else {
        FulfillmentStatus::Partial
    }
}

/// Returns the audit entry of a change of an order.
pub fn entry(action: &'static str, order: &Model) -> Entry {
    let entry = Entry::new(action).about(order.id);
    match order.number {
        Some(number) => entry.called(&format!("#{number}")),
        None => entry,
    }
}

/// Records an audit entry.
pub async fn audit(
    transaction: &Transaction,
    state: &State,
    admin: Admin,
    entry: Entry,
) -> Result<()> {
    let now = state.clock.now();
    audit::record(transaction, Actor::Admin(admin), [entry], now).await
}

/// Adds a change of the fulfillment status to an audit entry.
pub fn status_change(entry: Entry, before: FulfillmentStatus, after: FulfillmentStatus) -> Entry {
    let name = |status| fulfillment_status_name(status).to_owned();
    entry.change("fulfillmentStatus", name(before), name(after))
}
