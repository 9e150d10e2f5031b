//! Adjusting stock.

use super::ProductFields;
use super::batch::{CategorizedProduct, ProductBatch};
use super::rules::lock;
use crate::catalog::product::entity::{Model, ProductId};
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::Admin;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Adds to the stock of a product, or subtracts from it. Concurrent adjustments wait for each other; none is lost.
pub async fn adjust_stock(
    state: &State,
    admin: Admin,
    id: ProductId,
    delta: i32,
    expected_version: Option<i32>,
) -> Result<Model> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let before = lock(&transaction, id, expected_version).await?;
    if delta == 0 {
        return Ok(before);
    }
    let Some(stock) = before.stock.checked_add(delta) else {
        let message = "The stock would exceed the maximum of 2147483647.";
        return Err(UserError::new(UserErrorCode::BadUserInput, "delta", message).into());
    };
    if stock < 0 {
        let message = format!("The current stock is only {}.", before.stock);
        return Err(UserError::new(UserErrorCode::Conflict, "delta", message).into());
    }
    let mut batch = ProductBatch::new(now);
    // The additional categories and the tags aren't read: they stay the same.
    let index = batch.add(CategorizedProduct::new(before, &[], Vec::new()));
    let fields = ProductFields {
        stock: Some(stock),
        ..ProductFields::default()
    };
    batch.update(index, fields);
    let product = batch.get(index).product.clone();
    let entries = batch.entries("adjustStock", state.config.shop_currency);
    batch.write(&transaction).await?;
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(product)
}
