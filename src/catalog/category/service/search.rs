//! Search index of categories.

use crate::catalog::category::entity::Model;
use crate::catalog::category::repository;
use crate::catalog::search::Search;
use crate::core::error::Result;
use crate::core::viewer::Audience;
use crate::infra::database::{Connection, Database, Transaction};

/// Whether the indexed text has changed.
pub fn is_search_text_changed(before: &Model, after: &Model) -> bool {
    before.name != after.name || before.description != after.description
}

/// Indexes the categories that are missing in a generation of the search index. Returns their number.
pub async fn index_missing(db: &Database, generation: i32) -> Result<usize> {
    if repository::search::is_indexed(db.reader(), generation).await? {
        return Ok(0);
    }
    let transaction = db.begin().await?;
    let categories = repository::search::find_unindexed(&transaction, generation).await?;
    if categories.is_empty() {
        return Ok(0);
    }
    repository::search::index_in(&transaction, &categories, &[generation]).await?;
    transaction.commit().await?;
    Ok(categories.len())
}

/// Whether every category is indexed in this generation of the search index.
pub async fn is_indexed(db: &impl Connection, generation: i32) -> Result<bool> {
    Ok(repository::search::is_indexed(db, generation).await?)
}

/// Deletes up to `limit` entries of outdated generations of the search index. Returns their number.
pub async fn delete_outdated_entries(transaction: &Transaction, limit: u64) -> Result<u64> {
    Ok(repository::search::delete_outdated_entries(transaction, limit).await?)
}

/// Returns the categories that the audience may see whose names contain words with the given prefixes, best match
/// first.
pub async fn find_by_name_prefix(
    db: &Database,
    audience: Audience,
    search: &Search,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(repository::search::find_by_name_prefix(db.reader(), audience, search, limit).await?)
}
