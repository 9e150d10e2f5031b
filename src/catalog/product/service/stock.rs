//! Stock adjustments.

use super::entry::entry;
use super::repository;
use super::rules::lock;
use crate::catalog::product::entity::{Model, ProductId};
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::Admin;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Adds units to the stock of a product, or subtracts them. Concurrent adjustments are serialized by a row lock, so
/// none is lost.
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
    let product = Model {
        stock,
        version: before.version + 1,
        updated_at: now,
        ..before.clone()
    };
    repository::save_many(&transaction, vec![product.clone()]).await?;
    let currency = state.config.shop_currency;
    let entry = entry("adjustStock", Some(&before), Some(&product), currency);
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok(product)
}
