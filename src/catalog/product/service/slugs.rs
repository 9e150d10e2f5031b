//! Slugs made from the names of products.

use super::repository;
use crate::core::error::Result;
use crate::core::slug;
use crate::infra::database::{Database, Transaction};

/// Slug of a product whose name yields none.
pub(super) const FALLBACK: &str = "product";

/// Derives an available slug from a name. A lock per base slug gives concurrent products with the same name different
/// slugs. A product with another name may still take the slug before it is stored.
pub(super) async fn derive(transaction: &Transaction, name: &str) -> Result<String> {
    let base = slug::from_name(name, FALLBACK);
    Database::lock(transaction, &format!("product slug {base}")).await?;
    let mut candidates = slug::candidates(&base);
    let taken = repository::taken_slugs(transaction, &candidates).await?;
    candidates.retain(|slug| !taken.contains(slug));
    Ok(candidates.swap_remove(0))
}
