//! Refunding units that are canceled.

use super::refund::{insert, left, refunded_before};
use super::refund_amount::{LineUnits, calculate, canceled_amount};
use crate::core::error::Result;
use crate::core::viewer::UserId;
use crate::infra::database::Transaction;
use crate::sales::order::entity::{Model, Status, line};
use crate::sales::order::repository;
use crate::sales::order_id::OrderLineId;
use crate::sales::payment::entity::refund::RefundId;
use crate::state::State;

/// Refunds canceled units of a locked order, except units that were refunded before. While the order is not paid in full, it
/// refunds at most what exceeds the price of the other units: see also [`refund_canceled`]. Stores the sums of the order, and sets them in `order`.
/// After the commit, the caller asks the provider with [`send_refund`](super::send_refund()). Returns the refund, if there is
/// anything to refund.
pub async fn refund_lines(
    transaction: &Transaction,
    state: &State,
    order: &mut Model,
    units: &[(OrderLineId, i32)],
    by: (Option<String>, Option<UserId>),
) -> Result<Option<RefundId>> {
    let all = repository::lines_of(transaction, order.id).await?;
    let most = |id: OrderLineId| {
        let own = units.iter().filter(|(line, _)| *line == id);
        own.map(|(_, quantity)| quantity).sum()
    };
    refund(transaction, state, order, (&all, &most), by).await
}

/// Refunds units of a locked order that were canceled before it was paid in full, in the transaction that pays it. A server
/// asks the provider later.
pub(super) async fn refund_canceled(
    transaction: &Transaction,
    state: &State,
    order: &mut Model,
    captured_before: i64,
) -> Result<()> {
    let is_paid_now = captured_before < order.total && order.captured >= order.total;
    if order.status != Status::Confirmed || !is_paid_now {
        return Ok(());
    }
    let all = repository::lines_of(transaction, order.id).await?;
    refund(
        transaction,
        state,
        order,
        (&all, &|_| i32::MAX),
        (None, None),
    )
    .await?;
    Ok(())
}

/// Refunds canceled units, at most `most` of each line.
async fn refund(
    transaction: &Transaction,
    state: &State,
    order: &mut Model,
    (all, most): (&[line::Model], &(dyn Fn(OrderLineId) -> i32 + Sync)),
    (reason, actor): (Option<String>, Option<UserId>),
) -> Result<Option<RefundId>> {
    let left = if order.captured < order.total {
        // The other canceled units were not paid.
        left(order) - (order.total - canceled_amount(order, all))
    } else {
        left(order)
    };
    if left <= 0 || all.iter().all(|line| line.canceled == 0) {
        return Ok(None);
    }
    let before = refunded_before(transaction, order.id).await?;
    let units = all.iter().map(|line| LineUnits {
        line: line.id,
        quantity: (line.canceled + line.returned - before.units(line.id)).min(most(line.id)),
        restock: false,
    });
    let units: Vec<_> = units.filter(|units| units.quantity > 0).collect();
    let mut plan = calculate(order, all, &before, &units, false)?;
    if plan.amount > left {
        plan.share_out(left);
    }
    if plan.amount <= 0 {
        return Ok(None);
    }
    let refund = insert(transaction, state, order, plan, (reason, actor)).await?;
    repository::update(transaction, order.clone()).await?;
    Ok(Some(refund.id))
}
