//! Current and former slugs of products.

use super::repository;
use crate::catalog::product::entity::{Model, old_slug};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::slug;
use crate::infra::database::{Database, Transaction};

/// Slug of a product whose name yields none.
pub(super) const FALLBACK: &str = "product";

/// Derives an available slug from a name. A lock per base slug gives concurrent products with the same name different
/// slugs. A product with another name may still take the slug before it is stored.
pub(super) async fn make(transaction: &Transaction, name: &str) -> Result<String> {
    let base = slug::from_name(name, FALLBACK);
    Database::lock(transaction, &format!("product slug {base}")).await?;
    let mut candidates = slug::candidates(&base);
    let taken = repository::taken_slugs(transaction, &candidates).await?;
    candidates.retain(|slug| !taken.contains(slug));
    Ok(candidates.swap_remove(0))
}

/// Updates former slugs after a product was stored. The new slug no longer leads to another product, and the previous
/// slug still finds this one.
pub(super) async fn settle(
    transaction: &Transaction,
    product: &Model,
    before: Option<&Model>,
    now: Timestamp,
) -> Result<()> {
    let former = before.filter(|before| before.slug != product.slug);
    if before.is_some() && former.is_none() {
        return Ok(());
    }
    let slugs = [Some(product), former].into_iter().flatten();
    let slugs: Vec<_> = slugs.map(|product| product.slug.clone()).collect();
    repository::delete_old_slugs(transaction, &slugs).await?;
    if let Some(former) = former {
        let row = old_slug::Model {
            slug: former.slug.clone(),
            product_id: product.id,
            created_at: now,
        };
        repository::insert_old_slugs(transaction, vec![row]).await?;
    }
    Ok(())
}
