//! Exports all products as CSV in the import format.

use bytes::Bytes;

use super::{csv, layout, paths};
use crate::catalog::category::service::category_tree::CategoryTree;
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::service::batch::{self, CategorizedProduct};
use crate::core::error::Result;
use crate::core::money::{Currency, Decimal};
use crate::infra::database::Transaction;
use crate::state::State;

/// Products per page.
const PAGE: u64 = 1_000;

/// A consistent snapshot of all products, exported page by page.
#[derive(Debug)]
pub struct Export {
    transaction: Transaction,
    tree: CategoryTree,
    currency: Currency,
    last: Option<ProductId>,
    has_header: bool,
    /// The number of products exported so far.
    pub products: u64,
}

impl Export {
    /// Begins the export. It holds a database connection until it is dropped.
    pub async fn begin(state: &State) -> Result<Self> {
        let transaction = state.db.begin_snapshot().await?;
        Ok(Self {
            tree: CategoryTree::read(&transaction).await?,
            transaction,
            currency: state.config.shop_currency,
            last: None,
            has_header: false,
            products: 0,
        })
    }

    /// Returns the next chunk of the file, or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let mut text = Vec::new();
        if !self.has_header {
            csv::write(&mut text, layout::EXPORTED);
            self.has_header = true;
        }
        let page = batch::page_after(&self.transaction, self.last, PAGE).await?;
        for found in &page {
            self.write(&mut text, found);
        }
        self.products += page.len() as u64;
        self.last = page.last().map(|found| found.product.id).or(self.last);
        Ok((!text.is_empty()).then(|| text.into()))
    }

    fn write(&self, text: &mut Vec<u8>, found: &CategorizedProduct) {
        let product = &found.product;
        let mut categories = found.categories.clone();
        categories.sort_by_key(|id| (*id != product.category_id, self.tree.path(*id)));
        let names: Vec<_> = categories.iter().map(|id| self.tree.names(*id)).collect();
        let row: [&str; layout::EXPORTED.len()] = [
            &product.name,
            &Decimal::from_minor(product.price, self.currency).to_string(),
            product.sku.as_deref().unwrap_or_default(),
            &product.slug,
            &product.description,
            &product.stock.to_string(),
            &paths::format(names.iter().map(Vec::as_slice)),
            product.status.as_str(),
            product.brand.as_deref().unwrap_or_default(),
            &found.tags.join(", "),
            product.seo_title.as_deref().unwrap_or_default(),
            product.seo_description.as_deref().unwrap_or_default(),
            product.description_html.as_deref().unwrap_or_default(),
        ];
        csv::write(text, row);
    }
}
