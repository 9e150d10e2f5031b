//! Which slug a category has, and which it had before.

use crate::catalog::category::entity::{Model, old_slug};
use crate::catalog::category::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::slug;
use crate::infra::database::Transaction;

/// A slug made from a name, which no category has or had. Whoever calls this has locked the tree.
pub async fn make(transaction: &Transaction, name: &str) -> Result<String> {
    let candidates = slug::candidates(&slug::from_name(name, "category"));
    let taken = repository::slugs::taken(transaction, &candidates).await?;
    let mut free = candidates.into_iter().filter(|slug| !taken.contains(slug));
    free.next().ok_or_else(taken_already)
}

/// Keeps the slug that a category had before its present one, and takes the present one from who had it before.
pub async fn replace(
    transaction: &Transaction,
    former: String,
    category: &Model,
    now: Timestamp,
) -> Result<()> {
    repository::slugs::delete(transaction, &category.slug).await?;
    let former = old_slug::Model {
        slug: former,
        category_id: category.id,
        created_at: now,
    };
    Ok(repository::slugs::insert_many(transaction, vec![former]).await?)
}

/// The refusal of a slug that another category has.
pub fn taken_already() -> Error {
    let message = "Another category has this slug.";
    UserError::new(UserErrorCode::Conflict, "slug", message).into()
}
