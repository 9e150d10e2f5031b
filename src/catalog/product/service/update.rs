//! Updating a product.

use super::ProductInput;
use super::batch::{ProductBatch, WriteResult};
use super::publication::check_schedule;
use super::relations::lock_related;
use super::rules::{check_unique, lock, lock_categories, map_unique_violation};
use crate::catalog::product::entity::{Model, ProductId};
use crate::core::error::{Result, UserError};
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Updates a product. An input that changes nothing doesn't increase its version.
pub async fn update(
    state: &State,
    admin: Admin,
    id: ProductId,
    expected_version: Option<i32>,
    input: ProductInput,
) -> Result<Model> {
    let expected_stock = input.expected_stock;
    let currency = state.config.shop_currency;
    let mut validator = Validator::default();
    let fields = input.check(&mut validator, currency);
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock_related(&transaction, &fields.details, Some(id)).await?;
    let before = lock(&transaction, id, expected_version).await?;
    // The row is locked: the stock that is compared is the one that is replaced.
    if expected_stock.is_some_and(|stock| stock != before.stock) {
        return Err(UserError::stale_stock(before.stock).into());
    }
    check_schedule(&fields, before.status)?;
    let mut batch = ProductBatch::load(&transaction, vec![before], now).await?;
    if fields.details.related.is_some() {
        batch.load_related(&transaction, 0).await?;
    }
    let additional = fields.additional.as_deref().unwrap_or_default();
    let named = [
        ("categoryId", fields.category.as_slice()),
        ("categoryIds", additional),
    ];
    lock_categories(&transaction, &named).await?;
    let write_result = batch.update(0, fields);
    let product = batch.get(0).product.clone();
    if write_result == WriteResult::Unchanged {
        return Ok(product);
    }
    check_unique(&transaction, &product).await?;
    let entries = batch.entries("updateProduct", currency);
    batch
        .write(&transaction)
        .await
        .map_err(map_unique_violation)?;
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(product)
}
