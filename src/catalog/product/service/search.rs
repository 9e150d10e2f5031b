//! What products are found by.

use crate::catalog::product::entity::Model;
use crate::catalog::product::repository;
use crate::core::error::Result;
use crate::infra::database::Database;

/// Products of one transaction.
const BATCH: u64 = 4_000;

/// Whether a product is found by other words than before.
pub fn is_reworded(before: &Model, after: &Model) -> bool {
    let words = |product: &Model| (product.name.clone(), product.sku.clone());
    words(before) != words(after) || before.description != after.description
}

/// Writes down what products are found by that nobody has done it for: those that were there before there was an index.
/// Gives how many that were.
pub async fn index_missing(db: &Database) -> Result<usize> {
    if repository::is_indexed(db.reader()).await? {
        return Ok(0);
    }
    let (mut last, mut done) = (None, 0);
    loop {
        let transaction = db.begin().await?;
        let products = repository::unindexed(&transaction, last, BATCH).await?;
        let Some(product) = products.last() else {
            return Ok(done);
        };
        last = Some(product.id);
        done += products.len();
        repository::index_many(&transaction, &products).await?;
        transaction.commit().await?;
    }
}
