//! What the products of a file have had to themselves so far: no two may become one without a word.

use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use crate::import_export::service::row::{Checks, Row, RowIssue};
use crate::product::service::batch::FoundBy;

/// How many products a file has at the most: what is held of each takes some 30 bytes.
const MAX_PRODUCTS: usize = 500_000;

/// The handles and SKUs of a file, by their hashes.
#[derive(Debug, Default)]
pub struct Seen {
    hasher: RandomState,
    /// The handle that has become a slug.
    slugs: HashMap<u64, u64>,
    skus: HashSet<u64>,
}

impl Seen {
    /// Takes a product with this handle, unless another handle has its slug already.
    pub fn take(&mut self, mut row: Row, handle: &str) -> Result<Row, Vec<RowIssue>> {
        let mut checks = Checks::new(row.line);
        let slug = row.product.slug.as_deref().unwrap_or_default();
        let handle = self.hasher.hash_one(handle);
        let is_full = self.slugs.len() >= MAX_PRODUCTS;
        match self.slugs.entry(self.hasher.hash_one(slug)) {
            Entry::Occupied(known) if *known.get() != handle => checks.add(
                "Handle",
                format!("Another handle of this file has become the slug {slug} already."),
            ),
            Entry::Occupied(_) => {}
            Entry::Vacant(_) if is_full => checks.add(
                "Handle",
                "A file of Shopify holds at most 500,000 products. Import the others as another file.",
            ),
            Entry::Vacant(free) => {
                free.insert(handle);
            }
        }
        // What an earlier product of the file has is not taken from it.
        if let Some(Some(sku)) = &row.product.sku
            && self.skus.insert(self.hasher.hash_one(sku))
        {
            row.product.found_by = FoundBy::SlugThenSku;
        }
        checks.finish(Some(row))
    }
}
