//! Queries on slugs: which are taken, and the former slugs in `category_slugs`.

use sea_orm::{ConnectionTrait, DbErr};

use crate::catalog::category::entity::{Column, Entity, old_slug};
use crate::infra::database::{Catalog, Transaction, slug};

/// Returns the slugs among `slugs` that a category has or had.
pub async fn taken(db: &impl ConnectionTrait, slugs: &[String]) -> Result<Vec<String>, DbErr> {
    slug::taken::<Entity, old_slug::Entity>(db, Column::Slug, slugs).await
}

/// Stores slugs that categories had until now.
pub async fn insert_many(
    transaction: &Transaction,
    slugs: Vec<old_slug::Model>,
) -> Result<(), DbErr> {
    for slug in &slugs {
        transaction.touch(Catalog::Category(slug.category_id.into()));
    }
    slug::insert_former(transaction, slugs).await
}

/// Deletes a slug from the history of all categories.
pub async fn delete(transaction: &Transaction, slug: &str) -> Result<(), DbErr> {
    let slugs = [slug.to_owned()];
    if slug::delete_former::<old_slug::Entity>(transaction, &slugs).await? > 0 {
        transaction.touch(Catalog::All);
    }
    Ok(())
}
