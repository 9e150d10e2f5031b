//! Expiring orders that were not paid in time.

use super::close::{self, Cancelation};
use super::{hold, settle};
use crate::core::error::Result;
use crate::infra::telemetry::traces;
use crate::sales::order::entity::{OrderId, PaymentStatus, Status};
use crate::sales::order::repository;
use crate::state::State;

/// The maximum number of orders that expire at once.
const BATCH: u64 = 50;

/// Begins to close pending orders that were not paid in time. Their stock is given back when their payments are canceled
/// at the provider. Closes orders that were to be replaced and were not, for example because a server crashed.
pub async fn expire_due(state: &State) -> Result<()> {
    let due = repository::find_due(state.db.reader(), state.clock.now(), BATCH).await?;
    for order in due {
        // One that fails must not keep the others.
        if let Err(error) = expire(state, order).await {
            traces::log_failure(&error, "expiring an order failed");
        }
    }
    let held = repository::find_held(state.db.reader(), state.clock.now(), BATCH).await?;
    for order in held {
        if let Err(error) = hold::end(state, order).await {
            traces::log_failure(&error, "closing a replaced order failed");
        }
    }
    Ok(())
}

async fn expire(state: &State, id: OrderId) -> Result<()> {
    let transaction = state.db.begin().await?;
    let now = state.clock.now();
    let order = repository::lock(&transaction, id).await?;
    let is_due = |order: &crate::sales::order::entity::Model| {
        order.status == Status::Pending
            && order.pay_until <= now
            && order.payment_status != PaymentStatus::Processing
    };
    let Some(order) = order.filter(is_due) else {
        return Ok(());
    };
    let by = Cancelation::default();
    let (_, payment) = close::begin(&transaction, state, order, Status::Expired, by).await?;
    transaction.commit().await?;
    if let Some(payment) = payment {
        settle(state, payment).await?;
    }
    Ok(())
}
