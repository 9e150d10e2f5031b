//! Lookups of payments for the API.

use std::collections::HashMap;

use crate::core::error::Result;
use crate::infra::database::Connection;
use crate::sales::order::entity::{Model, OrderId};
use crate::sales::order::repository::payments as repository;
use crate::sales::payment::entity::{self as payment, PaymentId};
use crate::sales::payment::service as payments;

/// Finds payments with their orders. Unknown ids are omitted. The caller checks whether the viewer may see the order.
pub async fn payments_with_orders(
    db: &impl Connection,
    ids: &[PaymentId],
) -> Result<HashMap<PaymentId, (Model, payment::Model)>> {
    let found = payments::find_many(db, ids).await?;
    let orders: Vec<OrderId> = found.iter().map(|payment| payment.order_id).collect();
    let orders = repository::find_many(db, &orders).await?;
    let orders: HashMap<_, _> = orders.into_iter().map(|order| (order.id, order)).collect();
    let pairs = found.into_iter().filter_map(|payment| {
        let order = orders.get(&payment.order_id)?.clone();
        Some((payment.id, (order, payment)))
    });
    Ok(pairs.collect())
}
