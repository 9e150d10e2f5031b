//! What can be asked of categories, and who sees which.

use std::collections::HashMap;
use std::iter::successors;

use super::entity::{CategoryId, Model, old_slug};
use super::list::{Filter, List, MAX_LEVEL};
use super::repository;
use crate::clock::Timestamp;
use crate::database::{Connection, Database, Transaction};
use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::pagination::Page;
use crate::text;
use crate::viewer::Audience;

/// Those of `ids` that the audience sees.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[CategoryId],
) -> Result<HashMap<CategoryId, Model>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// The category that has this slug, or had it last.
pub async fn find_by_slug(db: &Database, audience: Audience, slug: &str) -> Result<Option<Model>> {
    text::check_lookup(slug, text::MAX_SLUG, "slug")?;
    let slug = text::normalise(slug);
    Ok(repository::find_by_slug(db.reader(), audience, &slug).await?)
}

/// The ancestors of these categories that the audience sees, each from the root down.
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
        // Followed by id: the tree may have been moved since the category was read, and its path lead elsewhere.
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

/// The children of these categories that the audience sees, in their order.
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

/// One page.
pub async fn list(db: &Database, audience: Audience, list: &List) -> Result<Page<Model>> {
    let rows = repository::list(db.reader(), audience, list).await?;
    Ok(list.paging.page(rows))
}

/// How many categories the filter leaves.
pub async fn count(db: &Database, audience: Audience, filter: &Filter) -> Result<i64> {
    let count = repository::count(db.reader(), audience, filter).await?;
    i64::try_from(count).map_err(Error::internal)
}

/// Those of `ids` that there are, in the order of their ids. Nobody deletes them until the transaction ends.
///
/// Whoever deletes one waits for this transaction, so lock all that it needs at once, and make missing ones
/// (which locks the tree) before, never after.
pub async fn lock_shared(transaction: &Transaction, ids: &[CategoryId]) -> Result<Vec<Model>> {
    Ok(repository::lock_shared(transaction, ids).await?)
}

/// What is said of a new category; the rest follows.
#[derive(Clone, Debug)]
pub struct NewCategory {
    pub name: String,
    pub slug: String,
    pub description: String,
    pub published: bool,
    pub position: i32,
}

/// The row of a new category below `parent`.
pub fn build(new: NewCategory, parent: Option<&Model>, now: Timestamp) -> Model {
    let parent_path = parent.map_or("", |parent| parent.path.as_str());
    Model {
        id: CategoryId::generate(now),
        parent_id: parent.map(|parent| parent.id),
        position: new.position,
        path: Model::path_below(parent_path, new.position),
        visible: new.published && parent.is_none_or(|parent| parent.visible),
        name_key: text::sort_key(&new.name),
        name: text::normalise(&new.name),
        slug: new.slug,
        description: text::normalise(&new.description),
        published: new.published,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Whether the shop has no category, as far as this connection sees.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(repository::is_empty(db).await?)
}

/// Stores the categories of a new catalogue, parents before their children, with the slugs they had before.
pub async fn insert_catalogue(
    transaction: &Transaction,
    categories: Vec<Model>,
    old_slugs: Vec<old_slug::Model>,
) -> Result<()> {
    repository::insert_many(transaction, categories).await?;
    repository::insert_old_slugs(transaction, old_slugs).await?;
    Ok(())
}
