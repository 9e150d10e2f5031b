//! Deletes empty categories.

use super::entry::entry;
use super::tree;
use crate::catalog::category::entity::{CategoryId, Model};
use crate::catalog::category::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::pagination::Total;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};

/// Locks a category for deletion. Until the transaction ends, other transactions that add a category or product to it
/// wait, and then find it deleted.
///
/// # Errors
/// `NOT_FOUND`, and `CONFLICT` if the version is not the expected one.
pub async fn lock_for_delete(
    transaction: &Transaction,
    id: CategoryId,
    expected_version: Option<i32>,
) -> Result<Model> {
    tree::lock(transaction).await?;
    let found = repository::lock(transaction, id).await?;
    tree::expect(found, expected_version)
}

/// Deletes a category locked by [`lock_for_delete`] and returns it. `products` is the number of products in it,
/// counted by the caller after locking.
///
/// # Errors
/// `CONFLICT` with the numbers of products and children if it is not empty.
pub async fn delete_in(
    transaction: &Transaction,
    actor: Actor,
    category: Model,
    products: Total,
    now: Timestamp,
) -> Result<Model> {
    let children = repository::tree::count_below(transaction, Some(category.id)).await?;
    if products.count > 0 || children > 0 {
        return Err(not_empty(products, children));
    }
    repository::delete(transaction, category.id).await?;
    let (parent, gap) = (category.parent_id, category.position);
    let behind = (gap.saturating_add(1), i32::MAX);
    if repository::tree::shift(transaction, parent, behind, -1).await? > 0 {
        repository::tree::recompute_paths(transaction, parent).await?;
    }
    audit::record(
        transaction,
        actor,
        [entry("deleteCategory", Some(&category), None)],
        now,
    )
    .await?;
    Ok(category)
}

fn not_empty(products: Total, children: u64) -> Error {
    let products = match products.count {
        1 => "1 product".to_owned(),
        many if products.is_exact => format!("{many} products"),
        many => format!("more than {many} products"),
    };
    let children = match children {
        1 => "1 category".to_owned(),
        many => format!("{many} categories"),
    };
    let message =
        format!("The category contains {products} and {children}. Move or delete them first.");
    UserError::new(UserErrorCode::Conflict, "id", message).into()
}
