//! Slugs of products: made from names, given up, taken over.

use super::repository;
use crate::catalog::product::entity::{Model, old_slug};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::slug;
use crate::infra::database::{Database, Transaction};

/// What a product without a name in letters is called in addresses.
pub(super) const FALLBACK: &str = "product";

/// A slug for a new product of this name, which no product has or had. Two of one name that are made at once get
/// different ones; one of another name may still take it before it is stored.
pub(super) async fn make(transaction: &Transaction, name: &str) -> Result<String> {
    let base = slug::from_name(name, FALLBACK);
    Database::lock(transaction, &format!("product slug {base}")).await?;
    let mut candidates = slug::candidates(&base);
    let taken = repository::taken_slugs(transaction, &candidates).await?;
    candidates.retain(|slug| !taken.contains(slug));
    Ok(candidates.swap_remove(0))
}

/// Gives a slug to the product that was stored with it: it leads nowhere else any more. The one that the product had until
/// now still finds it.
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
