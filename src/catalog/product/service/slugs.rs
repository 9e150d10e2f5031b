//! Slugs made from the names of products.

use super::repository;
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
