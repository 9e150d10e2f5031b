//! Search index of products.

use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::repository::{self, SearchCodes};
use crate::catalog::search::generation::Generations;
use crate::core::error::Result;
use crate::infra::database::Database;
use crate::infra::search_engine::Document;

/// Products per transaction.
const BATCH: u64 = 4_000;

/// Whether the indexed text has changed, apart from the tags.
pub fn is_search_text_changed(before: &Model, after: &Model) -> bool {
    let words = |product: &Model| {
        let Model {
            name, sku, brand, ..
        } = product;
        (name.clone(), sku.clone(), brand.clone())
    };
    words(before) != words(after) || before.description != after.description
}

/// Indexes the products that are missing in the active generation of the search index. Returns their number.
pub async fn index_missing(db: &Database) -> Result<usize> {
    let generations = Generations::read(db.reader()).await?;
    if repository::is_indexed(db.reader(), generations.active).await? {
        return Ok(0);
    }
    let mut progress = Progress::default();
    loop {
        let transaction = db.begin().await?;
        let (last, active) = (progress.last, generations.active);
        let products = repository::find_unindexed(&transaction, active, last, BATCH).await?;
        if products.is_empty() {
            return Ok(progress.done);
        }
        repository::index_in(&transaction, &products, SearchCodes::new(), &[active]).await?;
        transaction.commit().await?;
        progress.add(&products);
    }
}

/// Indexing many products in the order of their IDs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    pub last: Option<ProductId>,
    pub done: usize,
}

impl Progress {
    /// Adds products that were indexed, and logs every 100,000.
    pub fn add(&mut self, products: &[Model]) {
        const STEP: usize = 100_000;
        let before = self.done;
        self.last = products.last().map(|product| product.id).or(self.last);
        self.done += products.len();
        if before / STEP < self.done / STEP {
            tracing::info!(products = self.done, "indexing products for search");
        }
    }
}

/// Returns the documents of existing products for an external search engine.
pub async fn engine_documents(db: &Database, ids: &[ProductId]) -> Result<Vec<Document>> {
    Ok(repository::engine_documents::engine_documents(db.reader(), ids).await?)
}

/// Returns whether there is a product.
pub async fn has_products(db: &Database) -> Result<bool> {
    Ok(repository::engine_documents::has_any(db.reader()).await?)
}
