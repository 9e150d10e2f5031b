//! Current and former slugs of categories.

use crate::catalog::category::entity::{Model, old_slug};
use crate::catalog::category::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::slug;
use crate::infra::database::Transaction;

/// Derives a slug from a name that no category has or had. The caller must hold the tree lock.
pub async fn derive(transaction: &Transaction, name: &str) -> Result<String> {
    let candidates = slug::candidates(&slug::from_name(name, "category"));
    let taken = repository::slugs::taken(transaction, &candidates).await?;
    let mut free = candidates.into_iter().filter(|slug| !taken.contains(slug));
    free.next().ok_or_else(slug_conflict)
}

/// Stores the slug that a category had as a former slug. If the new slug is a former slug, removes it there.
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

/// Returns the error for a slug that another category has.
pub fn slug_conflict() -> Error {
    let message = "Another category has this slug.";
    UserError::new(UserErrorCode::Conflict, "slug", message).into()
}
