//! Batches of products for imports: products are found, changed in memory and written with a few statements,
//! regardless of their number.

mod desk;
mod slugs;
mod write;

use std::collections::HashMap;

pub use desk::Desk;

use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::{Model, ProductId, Status};
use crate::catalog::product::repository;
use crate::catalog::product::repository::batch;
use crate::core::error::Result;
use crate::infra::database::Connection;

/// The desired state of a product. Its texts are validated.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub found_by: FoundBy,
    pub name: String,
    /// In minor units.
    pub price: i64,
    /// `None` keeps the SKU. So does `Some(None)` for a product identified only by its name.
    pub sku: Option<Option<String>>,
    pub slug: Option<String>,
    pub description: Option<String>,
    pub stock: Option<i32>,
    pub status: Option<Status>,
}

/// How an existing product is identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// By SKU; otherwise by slug; without both by name, if it is unique.
    SkuThenSlug,
    /// By slug only.
    Slug,
    /// By slug; otherwise by SKU.
    SlugThenSku,
}

/// Why a product can't be changed as desired.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    pub field: &'static str,
    pub message: &'static str,
}

/// Effect on a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Created,
    Updated,
    Unchanged,
}

/// Index of a product in the batch. `None` for a new product.
pub type Place = Option<usize>;

/// Returns up to `limit` products by ID, after `last`, with their categories.
pub async fn page_after(
    db: &impl Connection,
    last: Option<ProductId>,
    limit: u64,
) -> Result<Vec<(Model, Vec<CategoryId>)>> {
    let products = batch::page_after(db, last, limit).await?;
    let mut links = links_of(db, &products).await?;
    let with_links = products.into_iter().map(|product| {
        let categories = links.remove(&product.id).unwrap_or_default();
        (product, categories)
    });
    Ok(with_links.collect())
}

async fn links_of(
    db: &impl Connection,
    products: &[Model],
) -> Result<HashMap<ProductId, Vec<CategoryId>>> {
    let mut links: HashMap<ProductId, Vec<CategoryId>> = HashMap::new();
    if products.is_empty() {
        return Ok(links);
    }
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    for link in repository::links_of(db, &ids).await? {
        let categories = links.entry(link.product_id).or_default();
        categories.push(link.category_id);
    }
    Ok(links)
}
