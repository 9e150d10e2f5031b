//! Moves a category and its descendants.

use super::entry::entry;
use super::tree;
use crate::catalog::category::entity::{CategoryId, Model};
use crate::catalog::category::repository;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Input of [`move_category`].
#[derive(Clone, Debug)]
pub struct MoveCategory {
    pub id: String,
    pub expected_version: Option<i32>,
    /// ID of the new parent; null for a root.
    pub parent_id: Patch<String>,
    /// Index among the siblings, from 0. Default: last below a new parent, unchanged below the same one.
    pub position: Option<i32>,
}

/// Moves a category and its descendants. A move to the current position changes nothing and is not audited.
///
/// # Errors
/// A position out of range, a parent that is missing, full, too deep or below the category, or a version that is not
/// the expected one.
pub async fn move_category(state: &State, admin: Admin, target: MoveCategory) -> Result<Model> {
    let mut validator = Validator::default();
    let id: Option<CategoryId> = validator.id("id", &target.id);
    let parse =
        |id: String| CategoryId::parse(&id, "parentId").map_err(|wrong| wrong.message().to_owned());
    let parent = validator.patch("parentId", target.parent_id, parse);
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    tree::lock(&transaction).await?;
    let before = repository::find(&transaction, id).await?;
    let before = tree::expect(before, target.expected_version)?;
    let parent = tree::find_parent(&transaction, parent.apply_to(before.parent_id)).await?;
    check_below(&transaction, &before, parent.as_ref()).await?;
    let position = find_position(&transaction, &before, parent.as_ref(), target.position).await?;
    let parent_id = parent.as_ref().map(|parent| parent.id);
    if (parent_id, position) == (before.parent_id, before.position) {
        return Ok(before);
    }
    make_room(&transaction, &before, parent_id, position).await?;
    let after = Model {
        parent_id,
        position,
        version: before.version + 1,
        updated_at: now,
        ..before.clone()
    };
    let after = repository::update(&transaction, after).await?;
    let after = recompute_paths(&transaction, &before, after, parent.as_ref()).await?;
    if before.parent_id != after.parent_id {
        repository::search::queue_products_below(&transaction, &after.path).await?;
    }
    let entries = [entry("moveCategory", Some(&before), Some(&after))];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Rejects a move below the category itself, and one that would exceed the maximum depth.
async fn check_below(
    transaction: &Transaction,
    category: &Model,
    parent: Option<&Model>,
) -> Result<()> {
    if parent.is_some_and(|parent| parent.path.starts_with(&category.path)) {
        let message = "A category can't be moved below itself.";
        return Err(UserError::new(UserErrorCode::Conflict, "parentId", message).into());
    }
    let deepest = repository::tree::deepest_level(transaction, &category.path).await?;
    tree::check_depth(parent, deepest + 1 - category.level())
}

/// Returns the position of the category below `parent` after the move.
async fn find_position(
    transaction: &Transaction,
    category: &Model,
    parent: Option<&Model>,
    target: Option<i32>,
) -> Result<i32> {
    let parent_id = parent.map(|parent| parent.id);
    let end = tree::next_position(transaction, parent_id).await?;
    let (last, usual) = if parent_id == category.parent_id {
        (end - 1, category.position)
    } else {
        tree::check_sibling_limit(end)?;
        (end, end)
    };
    let position = target.unwrap_or(usual);
    if !(0..=last).contains(&position) {
        let message = format!("`position` must be from 0 to {last}.");
        return Err(UserError::new(UserErrorCode::BadUserInput, "position", message).into());
    }
    Ok(position)
}

/// Renumbers the siblings: closes the gap at the old position and opens one at the new.
async fn make_room(
    transaction: &Transaction,
    category: &Model,
    parent_id: Option<CategoryId>,
    position: i32,
) -> Result<()> {
    let (old_parent, old) = (category.parent_id, category.position);
    if old_parent != parent_id {
        repository::tree::shift(transaction, old_parent, (old + 1, i32::MAX), -1).await?;
        repository::tree::shift(transaction, parent_id, (position, i32::MAX), 1).await?;
    } else if old < position {
        repository::tree::shift(transaction, parent_id, (old + 1, position), -1).await?;
    } else {
        repository::tree::shift(transaction, parent_id, (position, old - 1), 1).await?;
    }
    Ok(())
}

/// Recomputes paths and visibility after a move. Returns the category as stored then.
async fn recompute_paths(
    transaction: &Transaction,
    before: &Model,
    after: Model,
    parent: Option<&Model>,
) -> Result<Model> {
    let old_path = before.parent_path();
    let new_path = parent.map_or("", |parent| parent.path.as_str());
    // If one parent is an ancestor of the other, the lower one's path may have changed. Settling the upper one covers
    // both.
    if !old_path.starts_with(new_path) || old_path == new_path {
        repository::tree::recompute_paths(transaction, before.parent_id).await?;
    }
    if !new_path.starts_with(old_path) {
        repository::tree::recompute_paths(transaction, after.parent_id).await?;
    }
    tree::reload(transaction, after.id).await
}
