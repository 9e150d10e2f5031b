//! What the products of another shop's file have had to themselves so far: no two may become one without a word.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;

use super::headings::{Cells, Field};
use crate::catalog::import_export::service::row::{Checks, Row, RowIssue};
use crate::catalog::product::service::batch::FoundBy;
use crate::core::patch::Patch;

/// How many products a file has at the most: what is held of each takes some 40 bytes.
const MAX_PRODUCTS: usize = 500_000;

/// The handles and SKUs of a file, by their hashes.
#[derive(Debug, Default)]
pub struct Seen {
    hasher: RandomState,
    /// The handle that has become a slug.
    slugs: HashMap<u64, u64>,
    /// The line of the product that has a SKU.
    skus: HashMap<u64, u64>,
    products: usize,
}

impl Seen {
    /// Takes a product, unless another handle has its slug already. A SKU that an earlier product has is left out, and
    /// told in `notices`.
    pub fn take(
        &mut self,
        mut row: Row,
        cells: &Cells<'_>,
        notices: &mut Checks,
    ) -> Result<Row, Vec<RowIssue>> {
        let mut checks = Checks::new(row.line);
        self.products += 1;
        if self.products > MAX_PRODUCTS {
            checks.add(
                cells.name(Field::Name),
                "A file of another shop holds at most 500,000 products. Import the others as another file.",
            );
            return checks.finish(None);
        }
        if let Some(slug) = row.product.fields.slug.as_deref() {
            let handle = self.hasher.hash_one(cells.get(Field::Handle));
            match self.slugs.entry(self.hasher.hash_one(slug)) {
                Entry::Occupied(known) if *known.get() != handle => checks.add(
                    cells.name(Field::Handle),
                    format!("Another handle of this file has become the slug {slug} already."),
                ),
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => {
                    free.insert(handle);
                }
            }
        }
        if let Some(sku) = row.product.sku() {
            match self.skus.entry(self.hasher.hash_one(sku)) {
                Entry::Occupied(known) => {
                    let line = known.get();
                    let message = format!(
                        "The product of line {line} has this SKU too: this one is imported without it."
                    );
                    notices.add(cells.name(Field::Sku), message);
                    row.product.fields.sku = Patch::Keep;
                }
                Entry::Vacant(free) => {
                    free.insert(row.line);
                    if row.product.found_by == FoundBy::Slug {
                        row.product.found_by = FoundBy::SlugThenSku;
                    }
                }
            }
        }
        checks.finish(Some(row))
    }
}
