//! Search index of categories.

use crate::catalog::category::entity::Model;
use crate::catalog::category::repository;
use crate::catalog::search::Search;
use crate::core::error::Result;
use crate::core::viewer::Audience;
use crate::infra::database::Database;

/// Whether the indexed text has changed.
pub fn is_search_text_changed(before: &Model, after: &Model) -> bool {
    before.name != after.name || before.description != after.description
}

/// Indexes the categories created before the search index existed. Returns their number.
pub async fn index_missing(db: &Database) -> Result<usize> {
    if repository::search::is_indexed(db.reader()).await? {
        return Ok(0);
    }
    let transaction = db.begin().await?;
    let categories = repository::search::find_unindexed(&transaction).await?;
    if categories.is_empty() {
        return Ok(0);
    }
    repository::search::index_many(&transaction, &categories).await?;
    transaction.commit().await?;
    Ok(categories.len())
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
