//! Detects duplicate slugs and SKUs within another shop's file, so that different products are not merged silently.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;

use super::headings::{Cells, Field};
use crate::catalog::import_export::service::row::{Checks, Row, RowIssue};
use crate::catalog::product::service::batch::FoundBy;
use crate::catalog::product::service::variants::ImportedVariant;
use crate::core::patch::Patch;

/// Maximum number of products in a file. Each takes about 40 bytes of memory.
const MAX_PRODUCTS: usize = 500_000;

/// Handles and SKUs of a file, stored as hashes.
#[derive(Debug, Default)]
pub struct DuplicateCheck {
    hasher: RandomState,
    /// Maps a slug to the handle it was derived from.
    slugs: HashMap<u64, u64>,
    /// Maps a SKU to the line of its product.
    skus: HashMap<u64, u64>,
    products: usize,
}

impl DuplicateCheck {
    /// Registers a product and its first variant. Fails if another handle was converted to the same slug.
    pub fn take(
        &mut self,
        row: Row,
        cells: &Cells<'_>,
        notices: &mut Checks,
    ) -> Result<Row, Vec<RowIssue>> {
        let mut row = self.take_product(row, cells)?;
        for variant in &mut row.product.variants {
            self.take_sku(variant, cells, notices);
        }
        let has_sku = row.product.skus().next().is_some();
        if has_sku && row.product.found_by == FoundBy::Slug {
            row.product.found_by = FoundBy::SlugThenSku;
        }
        Ok(row)
    }

    /// Registers a product whose variants are registered by [`take_sku`](Self::take_sku).
    pub fn take_product(&mut self, row: Row, cells: &Cells<'_>) -> Result<Row, Vec<RowIssue>> {
        let mut checks = Checks::new(row.line);
        self.products += 1;
        if self.products > MAX_PRODUCTS {
            checks.add(
                cells.name(Field::Name),
                "An export of another shop can contain at most 500,000 products. Import the remaining ones as a separate file.",
            );
            return checks.finish(None);
        }
        if let Some(slug) = row.product.fields.slug.as_deref() {
            let handle = self.hasher.hash_one(cells.get(Field::Handle));
            match self.slugs.entry(self.hasher.hash_one(slug)) {
                Entry::Occupied(known) if *known.get() != handle => checks.add(
                    cells.name(Field::Handle),
                    format!(
                        "Another handle in this file was already converted to the slug {slug}."
                    ),
                ),
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => {
                    free.insert(handle);
                }
            }
        }
        checks.finish(Some(row))
    }

    /// Registers the SKU of a variant. A duplicate is dropped with a notice.
    pub fn take_sku(
        &mut self,
        variant: &mut ImportedVariant,
        cells: &Cells<'_>,
        notices: &mut Checks,
    ) {
        let Some(sku) = variant.sku() else { return };
        match self.skus.entry(self.hasher.hash_one(sku)) {
            Entry::Occupied(known) => {
                let line = known.get();
                let message = format!(
                    "The product of line {line} has the same SKU: this one is imported without it."
                );
                notices.add(cells.name(Field::Sku), message);
                variant.fields.sku = Patch::Keep;
            }
            Entry::Vacant(free) => {
                free.insert(variant.line);
            }
        }
    }
}
