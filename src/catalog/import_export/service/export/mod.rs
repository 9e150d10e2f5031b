//! Exports all products as CSV, in our own format or in that of Shopify.

mod attributes;
mod own;
mod product;
mod shopify;

use std::collections::VecDeque;

use bytes::Bytes;
use uuid::Uuid;

use self::product::ExportedProduct;
use super::attributes::{PREFIX, metafield_heading};
use super::{csv, layout};
use crate::catalog::attribute;
use crate::catalog::attribute::entity::Owner;
use crate::catalog::category::service::category_tree::CategoryTree;
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::service::batch::{self, CategorizedProduct, ProductPage};
use crate::catalog::product_image::service::{self as product_image};
use crate::core::error::Result;
use crate::infra::database::Transaction;
use crate::state::State;

/// Products per page.
const PAGE: u64 = 1_000;
/// Variants after which no further product of a page is read, to bound the memory.
const MAX_VARIANTS: usize = 2_000;

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportFormat {
    /// Our own format, with all fields.
    #[default]
    Wares,
    /// The product file of Shopify.
    Shopify,
}

/// A consistent snapshot of all products, exported page by page.
#[derive(Debug)]
pub struct Export {
    state: State,
    transaction: Transaction,
    tree: CategoryTree,
    format: ExportFormat,
    last: Option<ProductId>,
    /// Products whose variants are not read yet.
    queue: VecDeque<CategorizedProduct>,
    has_header: bool,
    attributes: Vec<attribute::entity::Model>,
    /// The number of products exported so far.
    pub products: u64,
}

impl Export {
    /// Begins the export. It holds a database connection until it is dropped.
    pub async fn begin(state: &State, format: ExportFormat) -> Result<Self> {
        let transaction = state.db.begin_snapshot().await?;
        Ok(Self {
            state: state.clone(),
            tree: CategoryTree::read(&transaction).await?,
            attributes: attributes::exported(&transaction, format == ExportFormat::Wares).await?,
            transaction,
            format,
            last: None,
            queue: VecDeque::new(),
            has_header: false,
            products: 0,
        })
    }

    /// Returns the next chunk of the file, or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let mut text = Vec::new();
        if !self.has_header {
            match self.format {
                ExportFormat::Wares => {
                    let own = self.attributes.iter();
                    let own = own.map(|row| format!("{PREFIX}{}", row.code));
                    let own: Vec<_> = own.collect();
                    let all = layout::EXPORTED.iter().copied();
                    csv::write(&mut text, all.chain(own.iter().map(String::as_str)));
                }
                ExportFormat::Shopify => {
                    let own: Vec<_> = self.attributes.iter().map(metafield_heading).collect();
                    let all = layout::SHOPIFY_EXPORTED.iter().copied();
                    csv::write(&mut text, all.chain(own.iter().map(String::as_str)));
                }
            }
            self.has_header = true;
        }
        let products = self.next_products().await?;
        if !products.is_empty() {
            self.write(&mut text, products).await?;
        }
        Ok((!text.is_empty()).then(|| text.into()))
    }

    /// Returns the next products, with a bounded number of variants.
    async fn next_products(&mut self) -> Result<Vec<CategorizedProduct>> {
        if self.queue.is_empty() {
            let page = batch::page_after(&self.transaction, self.last, PAGE).await?;
            self.last = page.last().map(|found| found.product.id).or(self.last);
            self.queue = page.into();
        }
        let (mut products, mut variants) = (Vec::new(), 0);
        while variants < MAX_VARIANTS
            && let Some(next) = self.queue.pop_front()
        {
            variants += usize::try_from(next.product.variant_count).unwrap_or_default();
            products.push(next);
        }
        Ok(products)
    }

    async fn write(&mut self, text: &mut Vec<u8>, products: Vec<CategorizedProduct>) -> Result<()> {
        self.products += products.len() as u64;
        let ids: Vec<_> = products.iter().map(|found| found.product.id).collect();
        let mut page = ProductPage::read(&self.transaction, &ids).await?;
        let shows_image = |id: &&ProductId| {
            let set = page.sets.get(id);
            set.is_some_and(|set| set.variants.iter().any(|(row, _)| row.image_id.is_some()))
        };
        let with_images: Vec<_> = match self.format {
            ExportFormat::Wares => ids.iter().filter(shows_image).copied().collect(),
            ExportFormat::Shopify => ids.clone(),
        };
        let owners: Vec<_> = ids.iter().map(|id| (id.0, id.0)).collect();
        let mut attributes = self.cells(Owner::Product, &owners).await?;
        let variants = page.sets.values().flat_map(|set| &set.variants);
        let variants: Vec<_> = variants
            .map(|(row, _)| (row.id.0, row.product_id.0))
            .collect();
        let mut of_variants = self.cells(Owner::Variant, &variants).await?;
        let mut images = product_image::images_of(&self.transaction, &with_images).await?;
        for found in products {
            let id = found.product.id;
            let set = page.sets.remove(&id).unwrap_or_default();
            let variants = set.variants.iter();
            let variants =
                variants.map(|(row, _)| of_variants.remove(&row.id.0).unwrap_or_default());
            let product = ExportedProduct {
                categories: self.categories(&found),
                variant_attributes: variants.collect(),
                set,
                related: page.related.remove(&id).unwrap_or_default(),
                images: images.remove(&id).unwrap_or_default(),
                attributes: attributes
                    .remove(&id.0)
                    .unwrap_or_else(|| vec![String::new(); self.attributes.len()]),
                found,
                state: &self.state,
            };
            match self.format {
                ExportFormat::Wares => own::write(text, &product),
                ExportFormat::Shopify => shopify::write(text, &product),
            }
        }
        Ok(())
    }

    async fn cells(&self, owner: Owner, owners: &[(Uuid, Uuid)]) -> Result<attributes::Cells> {
        attributes::cells(&self.transaction, &self.attributes, owner, owners).await
    }

    /// Returns the categories of a product as in a cell, the primary one first.
    fn categories(&self, found: &CategorizedProduct) -> String {
        let mut categories = found.categories.clone();
        let primary = found.product.category_id;
        categories.sort_by_key(|id| (*id != primary, self.tree.path(*id)));
        let names: Vec<_> = categories.iter().map(|id| self.tree.names(*id)).collect();
        super::paths::format(names.iter().map(Vec::as_slice))
    }
}
