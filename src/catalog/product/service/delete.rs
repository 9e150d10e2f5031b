//! Deletes products, and categories without products.

use super::batch::categorize;
use super::entry::entry;
use super::repository;
use crate::catalog::category::{self, CategoryId};
use crate::catalog::product::entity::Model;
use crate::core::error::Result;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Deletes a [locked](super::lock) product without images, its slugs and category assignments.
pub async fn delete_in(
    transaction: &Transaction,
    state: &State,
    admin: Admin,
    product: &Model,
) -> Result<()> {
    let deleted = categorize(transaction, vec![product.clone()]).await?;
    repository::delete(transaction, product.id).await?;
    let currency = state.config.shop_currency;
    let entries = deleted
        .iter()
        .map(|product| entry("deleteProduct", Some(product), None, currency));
    let now = state.clock.now();
    audit::record(transaction, Actor::Admin(admin), entries, now).await
}

/// Deletes a category without products and children. Returns the deleted category.
///
/// # Errors
/// The category does not exist, is not empty, or has another version than the expected one.
pub async fn delete_category(
    state: &State,
    admin: Admin,
    id: CategoryId,
    expected_version: Option<i32>,
) -> Result<category::entity::Model> {
    let transaction = state.db.begin().await?;
    let found = category::service::lock_for_delete(&transaction, id, expected_version).await?;
    let products = repository::count_in_category(&transaction, id).await?;
    let (actor, now) = (Actor::Admin(admin), state.clock.now());
    let deleted = category::service::delete_in(&transaction, actor, found, products, now).await?;
    transaction.commit().await?;
    Ok(deleted)
}
