//! Shared steps of tree changes. They are serialized by a lock. Each keeps `position` dense among siblings and
//! updates `path` and `visible` of all affected categories in its own transaction.

use crate::catalog::category::entity::{CategoryId, Model};
use crate::catalog::category::list::MAX_LEVEL;
use crate::catalog::category::repository;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::infra::database::{Database, Transaction};

/// The maximum number of children of a category. A path has four hexadecimal digits per position.
pub const MAX_SIBLINGS: i32 = 0x1_0000;

/// Locks the category tree until the transaction ends.
pub async fn lock(transaction: &Transaction) -> Result<()> {
    Ok(Database::lock(transaction, "category tree").await?)
}

/// Returns a category, locked against changes, deletion and new products until the transaction ends. `field` names it
/// in errors. Lock the tree, if needed, before and never after.
///
/// # Errors
/// `NOT_FOUND` if it does not exist.
pub async fn lock_category(
    transaction: &Transaction,
    id: CategoryId,
    field: &str,
) -> Result<Model> {
    let found = repository::lock(transaction, id).await?;
    let message = "There is no such category.";
    let missing = || UserError::new(UserErrorCode::NotFound, field, message);
    Ok(found.ok_or_else(missing)?)
}

/// Returns the existing categories of `ids`, ordered by ID, and prevents their deletion until the transaction ends.
///
/// Deletions wait for this transaction. To avoid deadlocks, lock all needed categories in one call; lock the tree, if
/// needed, before them and never after.
pub async fn lock_shared(transaction: &Transaction, ids: &[CategoryId]) -> Result<Vec<Model>> {
    Ok(repository::lock_shared(transaction, ids).await?)
}

/// Returns the category if it exists and has the expected version.
///
/// # Errors
/// `NOT_FOUND` if it does not exist, `CONFLICT` if the version is not the expected one.
pub fn expect(found: Option<Model>, expected_version: Option<i32>) -> Result<Model> {
    let message = "There is no such category.";
    let found = found.ok_or_else(|| UserError::new(UserErrorCode::NotFound, "id", message))?;
    match expected_version {
        Some(expected) if expected != found.version => Err(UserError::stale(found.version).into()),
        _ => Ok(found),
    }
}

/// Returns the parent with this ID, or `None` for a root.
pub async fn find_parent(
    transaction: &Transaction,
    id: Option<CategoryId>,
) -> Result<Option<Model>> {
    let Some(id) = id else { return Ok(None) };
    let found = repository::find(transaction, id).await?;
    let message = "There is no such category.";
    let missing = || UserError::new(UserErrorCode::NotFound, "parentId", message);
    Ok(Some(found.ok_or_else(missing)?))
}

/// Rereads a category that is being changed, including derived columns.
pub async fn reload(transaction: &Transaction, id: CategoryId) -> Result<Model> {
    let gone = || {
        Error::internal(anyhow::anyhow!(
            "category disappeared while the tree was locked"
        ))
    };
    repository::find(transaction, id).await?.ok_or_else(gone)
}

/// Rejects adding a subtree of `height` levels (at least 1) below `parent` if it exceeds the maximum depth.
pub fn check_depth(parent: Option<&Model>, height: usize) -> Result<()> {
    let levels = MAX_LEVEL as usize + 1;
    let above = parent.map_or(0, |parent| parent.level() + 1);
    if above + height > levels {
        let message = format!("Categories can be nested at most {levels} levels deep.");
        return Err(UserError::new(UserErrorCode::Conflict, "parentId", message).into());
    }
    Ok(())
}

/// Returns the next free position below `parent`, or among the roots.
pub async fn next_position(transaction: &Transaction, parent: Option<CategoryId>) -> Result<i32> {
    let last = repository::tree::last_position(transaction, parent).await?;
    Ok(last.map_or(0, |last| last + 1))
}

/// Rejects a position beyond the maximum number of siblings.
pub fn check_sibling_limit(end: i32) -> Result<()> {
    if end >= MAX_SIBLINGS {
        let message = format!("At most {MAX_SIBLINGS} categories can have the same parent.");
        return Err(UserError::new(UserErrorCode::Conflict, "parentId", message).into());
    }
    Ok(())
}
