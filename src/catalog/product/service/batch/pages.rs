//! Reading all products, for an export.

use std::collections::HashMap;

use super::{CategorizedProduct, categorize};
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::repository::{self, batch, relations};
use crate::catalog::product::service::variants::VariantSet;
use crate::core::error::Result;
use crate::core::viewer::Audience;
use crate::infra::database::Connection;

/// What products have in other tables.
#[derive(Debug, Default)]
pub struct ProductPage {
    pub sets: HashMap<ProductId, VariantSet>,
    /// The slugs of related products, in their order. Products without any are absent.
    pub related: HashMap<ProductId, Vec<String>>,
}

/// Returns up to `limit` products with ids after `last`, with their categories and tags.
pub async fn page_after(
    db: &impl Connection,
    last: Option<ProductId>,
    limit: u64,
) -> Result<Vec<CategorizedProduct>> {
    categorize(db, batch::page_after(db, last, limit).await?).await
}

impl ProductPage {
    /// Reads what these products have in other tables.
    pub async fn read(db: &impl Connection, products: &[ProductId]) -> Result<Self> {
        let sets = VariantSet::read_many(db, products).await?;
        let related = relations::of(db, products).await?;
        let ids: Vec<_> = related.values().flatten().copied().collect();
        let mut slugs = HashMap::new();
        for ids in ids.chunks(1_000) {
            let found = repository::find_many(db, Audience::Staff, ids).await?;
            slugs.extend(found.into_iter().map(|product| (product.id, product.slug)));
        }
        let slugs_of = |ids: Vec<ProductId>| -> Vec<String> {
            let slugs = ids.iter().filter_map(|id| slugs.get(id).cloned());
            slugs.collect()
        };
        let related = related.into_iter();
        Ok(Self {
            sets,
            related: related.map(|(id, ids)| (id, slugs_of(ids))).collect(),
        })
    }
}
