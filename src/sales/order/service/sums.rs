//! The amounts and the payment status of an order: sums of the ledger of its payments.

use super::refund_amount::canceled_amount;
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::sales::order::entity::{Model, PaymentStatus, Status};
use crate::sales::order::repository;
use crate::sales::payment::entity::refund;
use crate::sales::payment::entity::{self as payment, PaymentId};
use crate::sales::payment::service::{self as payments, Ledger, ledgers_of};
use crate::state::State;

/// Sets the sums of a locked order from the ledger, without storing them.
pub(super) async fn refresh(transaction: &Transaction, order: &mut Model) -> Result<()> {
    let all = payments::of_orders(transaction, &[order.id]).await?;
    let ids: Vec<PaymentId> = all.iter().map(|payment| payment.id).collect();
    let ledgers = ledgers_of(transaction, &ids).await?;
    let sum = |of: fn(&Ledger) -> i64| ledgers.values().map(of).sum::<i64>();
    order.authorized = sum(|ledger| ledger.authorized);
    order.captured = sum(|ledger| ledger.captured);
    order.refunded = sum(|ledger| ledger.refunded);
    order.disputed = sum(|ledger| ledger.disputes) > 0;
    let refunds = payments::refunds_of_orders(transaction, &[order.id]).await?;
    let pending = refunds.iter();
    let pending = pending.filter(|refund| refund.status == refund::Status::Pending);
    order.refund_pending = pending.map(|refund| refund.amount).sum();
    let is_processing = all
        .iter()
        .any(|payment| payment.status == payment::Status::Processing);
    let due = due(transaction, order).await?;
    order.payment_status = status(order, due, is_processing);
    Ok(())
}

/// Returns the amount that a locked order costs without its canceled units.
pub(super) async fn due(transaction: &Transaction, order: &Model) -> Result<i64> {
    // Once it is paid in full, canceled units are refunded. Only units of a confirmed order are canceled.
    if order.status != Status::Confirmed || order.captured >= order.total {
        return Ok(order.total);
    }
    let lines = repository::lines_of(transaction, order.id).await?;
    Ok(order.total - canceled_amount(order, &lines))
}

fn status(order: &Model, due: i64, is_processing: bool) -> PaymentStatus {
    // An order on account whose first payment was paid back is still to be paid.
    let is_to_be_paid = order.status == Status::Confirmed && order.captured < due;
    let is_anything_paid = order.captured > 0 || order.total == 0;
    if order.refunded > 0 && is_to_be_paid {
        PaymentStatus::Unpaid
    } else if order.refunded > 0 && order.refunded == order.captured {
        PaymentStatus::Refunded
    } else if order.refunded > 0 {
        PaymentStatus::PartiallyRefunded
    } else if order.captured >= due && is_anything_paid {
        PaymentStatus::Paid
    } else if order.authorized > 0 && order.authorized + order.captured >= due {
        PaymentStatus::Authorized
    } else if is_processing {
        PaymentStatus::Processing
    } else {
        PaymentStatus::Unpaid
    }
}

/// Stores a locked order with its next version.
pub(super) async fn store(
    transaction: &Transaction,
    state: &State,
    order: &mut Model,
) -> Result<()> {
    order.version += 1;
    order.updated_at = state.clock.now();
    Ok(repository::update(transaction, order.clone()).await?)
}
