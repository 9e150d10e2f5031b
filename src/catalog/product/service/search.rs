//! Search index of products.

use crate::catalog::product::entity::Model;
use crate::catalog::product::repository::{self, SearchCodes};
use crate::core::error::Result;
use crate::infra::database::Database;

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

/// Indexes the products created before the search index existed. Returns their number.
pub async fn index_missing(db: &Database) -> Result<usize> {
    if repository::is_indexed(db.reader()).await? {
        return Ok(0);
    }
    let (mut last, mut done) = (None, 0);
    loop {
        let transaction = db.begin().await?;
        let products = repository::find_unindexed(&transaction, last, BATCH).await?;
        let Some(product) = products.last() else {
            return Ok(done);
        };
        last = Some(product.id);
        done += products.len();
        repository::index_many(&transaction, &products, SearchCodes::new()).await?;
        transaction.commit().await?;
    }
}
