//! Erasing the personal data of old orders.

use crate::core::error::Result;
use crate::sales::discount;
use crate::sales::order::repository::personal_data as repository;
use crate::state::State;

/// The maximum number of orders that one transaction erases.
const BATCH: u64 = 500;

/// Erases the personal data of orders that were placed longer ago than `ORDER_PERSONAL_DATA_KEPT` and are closed or
/// confirmed.
pub async fn erase_expired(state: &State) -> Result<()> {
    let kept = state.config.orders.order_personal_data_kept;
    let before = state.clock.now().before(kept);
    loop {
        let transaction = state.db.begin().await?;
        let orders = repository::lock_expired(&transaction, before, BATCH).await?;
        if orders.is_empty() {
            return Ok(transaction.rollback().await?);
        }
        repository::erase(&transaction, &orders).await?;
        let ids: Vec<_> = orders.iter().map(|order| order.0).collect();
        discount::service::forget_customers(&transaction, &ids).await?;
        transaction.commit().await?;
        tracing::info!(orders = orders.len(), "personal data of orders was erased");
    }
}
