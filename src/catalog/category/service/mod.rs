//! Category service: reads with visibility rules, and the use cases that change the tree.

mod bulk_insert;
pub mod category_tree;
mod create;
mod delete;
mod entry;
mod moving;
mod search;
mod slugs;
mod tree;
mod update;

pub use bulk_insert::{NewCategory, build, insert_catalog, is_empty};
pub use create::{CreateCategory, create};
pub use delete::{delete_in, lock_for_delete};
pub use moving::{MoveCategory, move_category};
pub use search::{
    delete_outdated_entries, find_by_name_prefix, index_missing, is_indexed as is_search_complete,
};
pub use tree::{lock_category as lock, lock_shared};
pub use update::{UpdateCategory, update};

use std::collections::HashMap;
use std::iter::successors;

use super::entity::{CategoryId, Model};
use super::list::{Filter, List, MAX_LEVEL};
use super::repository;
use crate::core::error::Result;
use crate::core::pagination::{Page, Ranked, Total};
use crate::core::text;
use crate::core::viewer::Audience;
use crate::infra::database::{Connection, Database};

/// Returns the categories of `ids` that the audience may see.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[CategoryId],
) -> Result<HashMap<CategoryId, Model>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the [paths](Model::path) of categories regardless of visibility. The path of a descendant begins with that of
/// its ancestor.
pub async fn paths(
    db: &impl Connection,
    ids: &[CategoryId],
) -> Result<HashMap<CategoryId, String>> {
    let found = repository::find_many(db, Audience::Staff, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row.path)).collect())
}

/// Returns the categories at these paths that the audience may see, in no particular order.
pub async fn find_by_paths(
    db: &Database,
    audience: Audience,
    paths: impl IntoIterator<Item = &str>,
) -> Result<Vec<Model>> {
    Ok(repository::find_by_paths(db.reader(), audience, paths).await?)
}

/// Returns the category with this current or most recent former slug.
pub async fn find_by_slug(db: &Database, audience: Audience, slug: &str) -> Result<Option<Model>> {
    text::check_lookup(slug, text::MAX_SLUG, "slug")?;
    let slug = text::normalise(slug);
    Ok(repository::find_by_slug(db.reader(), audience, &slug).await?)
}

/// Returns the ancestors that the audience may see for each category, from the root down.
pub async fn ancestors(
    db: &Database,
    audience: Audience,
    categories: &[Model],
) -> Result<HashMap<CategoryId, Vec<Model>>> {
    let mut paths: Vec<&str> = categories.iter().flat_map(Model::ancestor_paths).collect();
    paths.sort_unstable();
    paths.dedup();
    let found = repository::find_by_paths(db.reader(), audience, paths).await?;
    let found: HashMap<CategoryId, Model> = found.into_iter().map(|row| (row.id, row)).collect();
    let chain = |category: &Model| {
        // Follow parent IDs: the tree may have changed since the category was read, so its path may lead elsewhere.
        let above = |row: &&Model| row.parent_id.and_then(|parent| found.get(&parent));
        let first = category.parent_id.and_then(|parent| found.get(&parent));
        let mut chain: Vec<Model> = successors(first, above)
            .take(MAX_LEVEL as usize)
            .cloned()
            .collect();
        chain.reverse();
        chain
    };
    Ok(categories
        .iter()
        .map(|category| (category.id, chain(category)))
        .collect())
}

/// Returns the children that the audience may see for each category, by position.
pub async fn children(
    db: &Database,
    audience: Audience,
    parents: &[CategoryId],
) -> Result<HashMap<CategoryId, Vec<Model>>> {
    let mut by_parent: HashMap<CategoryId, Vec<Model>> = HashMap::new();
    for child in repository::children(db.reader(), audience, parents).await? {
        if let Some(parent) = child.parent_id {
            by_parent.entry(parent).or_default().push(child);
        }
    }
    Ok(by_parent)
}

pub async fn list(db: &Database, audience: Audience, list: &List) -> Result<Page<Ranked<Model>>> {
    let rows = repository::list(db.reader(), audience, list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the categories that match the filter.
pub async fn count(db: &Database, audience: Audience, filter: &Filter) -> Result<Total> {
    Ok(repository::count(db.reader(), audience, filter).await?)
}
