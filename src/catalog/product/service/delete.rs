//! Removing a product, and a category, which must have none.

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

/// Removes a product that was [locked](super::lock) and that has no pictures any more, with its slugs and its places in
/// categories.
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

/// Deletes a category that no product and no category is in; gives it back.
///
/// # Errors
/// Refused: a category that is missing or not empty, or has another version than the expected one.
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
