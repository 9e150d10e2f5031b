//! The uses of discounts by orders.

use uuid::Uuid;

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::uuid_v7;
use crate::infra::database::Transaction;
use crate::sales::discount::entity::{DiscountId, usage};
use crate::sales::discount::repository;

/// Counts the use of discounts by an order. Returns those whose limit, or whose limit per customer, is reached: then the
/// caller must roll back. Locks the discounts in a fixed order, to avoid deadlocks.
pub async fn claim(
    transaction: &Transaction,
    discounts: &[(DiscountId, Option<i32>)],
    order: Uuid,
    customer_key: &str,
    now: Timestamp,
) -> Result<Vec<DiscountId>> {
    let mut discounts = discounts.to_vec();
    discounts.sort_unstable();
    let mut refused = Vec::new();
    for (id, per_customer_limit) in discounts {
        if !repository::count_use(transaction, id).await? {
            refused.push(id);
            continue;
        }
        // Read after the row of the discount is locked, so that no use of it is missing.
        if let Some(limit) = per_customer_limit {
            let uses = repository::uses_by(transaction, &[id], customer_key).await?;
            if uses.get(&id).copied().unwrap_or_default() >= i64::from(limit) {
                refused.push(id);
                continue;
            }
        }
        let used = usage::Model {
            id: uuid_v7(now),
            discount_id: id,
            order_id: order,
            customer_key: customer_key.to_owned(),
            created_at: now,
        };
        repository::insert_use(transaction, used).await?;
    }
    Ok(refused)
}

/// Gives back the discounts of an order that will not be paid. Doing it again changes nothing.
pub async fn give_back(transaction: &Transaction, order: Uuid) -> Result<()> {
    for id in repository::used_by_order(transaction, order).await? {
        if repository::delete_use(transaction, order, id).await? {
            repository::uncount_use(transaction, id).await?;
        }
    }
    Ok(())
}

/// Removes the customers from the uses of these orders, with the other personal data of the orders.
pub async fn forget_customers(transaction: &Transaction, orders: &[Uuid]) -> Result<()> {
    Ok(repository::forget_customers(transaction, orders).await?)
}
