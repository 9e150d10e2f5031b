//! Many products at once, as files of them name them: found, changed in memory by the rules, and written with a few
//! statements, however many there are.

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

/// What a product is to be like. Its texts have been checked.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub found_by: FoundBy,
    pub name: String,
    /// Minor units.
    pub price: i64,
    /// None leaves it, and so does `Some(None)` for a product that is only known by its name.
    pub sku: Option<Option<String>>,
    pub slug: Option<String>,
    pub description: Option<String>,
    pub stock: Option<i32>,
    pub status: Option<Status>,
}

/// How a product is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// By its SKU; else by its slug; without both by its name, if only one has it.
    SkuThenSlug,
    /// By its slug alone.
    Slug,
    /// By its slug; else by its SKU.
    SlugThenSku,
}

/// Why a product can't be as it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    pub field: &'static str,
    pub message: &'static str,
}

/// What became of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Created,
    Updated,
    Unchanged,
}

/// A product on the desk; None is a new one.
pub type Place = Option<usize>;

/// The products after this one by their ids, at most so many, and the categories they are in.
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
