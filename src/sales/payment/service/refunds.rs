//! Rows of refunds.

use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::viewer::UserId;
use crate::infra::database::{Connection, Transaction};
use crate::sales::order_id::{OrderId, OrderLineId};
use crate::sales::payment::entity::PaymentId;
use crate::sales::payment::entity::refund::{Model, RefundId, Status, line};
use crate::sales::payment::repository::refunds as repository;
use crate::state::State;

/// A refund to create.
#[derive(Clone, Debug)]
pub struct NewRefund {
    pub order: OrderId,
    pub payment: PaymentId,
    /// In minor units.
    pub amount: i64,
    /// The part of the amount that is for shipping.
    pub shipping: i64,
    pub reason: Option<String>,
    pub actor: Option<UserId>,
    pub lines: Vec<RefundedLine>,
}

/// The units of a line that are refunded.
#[derive(Clone, Copy, Debug)]
pub struct RefundedLine {
    pub line: OrderLineId,
    pub quantity: i32,
    pub amount: i64,
    pub restock: bool,
}

/// Creates a refund. The caller must have locked the order, and calls the provider after the commit.
pub async fn create_refund(
    transaction: &Transaction,
    state: &State,
    new: NewRefund,
) -> Result<Model> {
    let now = state.clock.now();
    let refund = Model {
        id: RefundId::generate(now),
        order_id: new.order,
        payment_id: new.payment,
        amount: new.amount,
        shipping: new.shipping,
        reason: new.reason,
        status: Status::Pending,
        reference: None,
        last_error: None,
        actor_id: new.actor,
        look_at: Some(now),
        attempts: 0,
        created_at: now,
        updated_at: now,
    };
    let row = |given: RefundedLine| line::Model {
        refund_id: refund.id,
        line_id: given.line,
        quantity: given.quantity,
        amount: given.amount,
        restock: given.restock,
    };
    let lines = new.lines.into_iter().map(row).collect();
    repository::insert(transaction, refund.clone(), lines).await?;
    Ok(refund)
}

/// Finds a refund.
pub async fn find_refund(db: &impl Connection, id: RefundId) -> Result<Option<Model>> {
    Ok(repository::find(db, id).await?)
}

/// Finds a refund and locks it. The caller must have locked its order.
pub async fn lock_refund(transaction: &Transaction, id: RefundId) -> Result<Option<Model>> {
    Ok(repository::lock(transaction, id).await?)
}

/// Stores a locked refund. Returns it as stored.
pub async fn save_refund(
    transaction: &Transaction,
    state: &State,
    mut refund: Model,
) -> Result<Model> {
    refund.updated_at = state.clock.now();
    repository::update(transaction, refund.clone()).await?;
    Ok(refund)
}

/// Returns the refunds of orders, the oldest first.
pub async fn refunds_of_orders(db: &impl Connection, orders: &[OrderId]) -> Result<Vec<Model>> {
    Ok(repository::of_orders(db, orders).await?)
}

/// Returns the lines of refunds.
pub async fn lines_of_refunds(
    db: &impl Connection,
    refunds: &[RefundId],
) -> Result<Vec<line::Model>> {
    Ok(repository::lines_of(db, refunds).await?)
}
