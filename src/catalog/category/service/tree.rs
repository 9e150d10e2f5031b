//! What all changes of the tree have in common. One is made at a time, and each keeps `position` dense among siblings
//! and `path` and `visible` of all that it touches in its own transaction.

use crate::catalog::category::entity::{CategoryId, Model};
use crate::catalog::category::list::MAX_LEVEL;
use crate::catalog::category::repository;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::infra::database::{Database, Transaction};

/// How many categories stand right below another at the most: a path has four digits for a position.
pub const MAX_SIBLINGS: i32 = 0x1_0000;

/// Lets nobody else change categories until the transaction ends: what is read from now on stays true.
pub async fn lock(transaction: &Transaction) -> Result<()> {
    Ok(Database::lock(transaction, "category tree").await?)
}

/// Those of `ids` that there are, in the order of their ids. Nobody deletes them until the transaction ends.
///
/// Whoever deletes one waits for this transaction. So lock all that it needs at once, and the tree, if that is to be
/// changed too, before and never after: two would wait for each other.
pub async fn lock_shared(transaction: &Transaction, ids: &[CategoryId]) -> Result<Vec<Model>> {
    Ok(repository::lock_shared(transaction, ids).await?)
}

/// What was found, if it is as the client expects it.
///
/// # Errors
/// `NOT_FOUND` for nothing, and a `CONFLICT` for another version than the expected one.
pub fn expect(found: Option<Model>, expected_version: Option<i32>) -> Result<Model> {
    let message = "There is no such category.";
    let found = found.ok_or_else(|| UserError::new(UserErrorCode::NotFound, "id", message))?;
    match expected_version {
        Some(expected) if expected != found.version => Err(UserError::stale(found.version).into()),
        _ => Ok(found),
    }
}

/// The category that another is to stand below; nothing for a root.
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

/// A category that is being changed, with what follows from the change.
pub async fn find_again(transaction: &Transaction, id: CategoryId) -> Result<Model> {
    let gone = || {
        Error::internal(anyhow::anyhow!(
            "a category is gone while the tree is locked"
        ))
    };
    repository::find(transaction, id).await?.ok_or_else(gone)
}

/// Refuses to put something below `parent` that is `height` levels high, from 1, when the tree would grow too deep.
pub fn check_depth(parent: Option<&Model>, height: usize) -> Result<()> {
    let levels = MAX_LEVEL as usize + 1;
    let above = parent.map_or(0, |parent| parent.level() + 1);
    if above + height > levels {
        let message = format!("Categories go at most {levels} levels deep.");
        return Err(UserError::new(UserErrorCode::Conflict, "parentId", message).into());
    }
    Ok(())
}

/// The first position behind those right below `parent`, or behind the roots.
pub async fn end_below(transaction: &Transaction, parent: Option<CategoryId>) -> Result<i32> {
    let last = repository::tree::last_position(transaction, parent).await?;
    Ok(last.map_or(0, |last| last + 1))
}

/// Refuses one more when they end here.
pub fn check_room(end: i32) -> Result<()> {
    if end >= MAX_SIBLINGS {
        let message = format!("There is room for {MAX_SIBLINGS} categories below another.");
        return Err(UserError::new(UserErrorCode::Conflict, "parentId", message).into());
    }
    Ok(())
}
