//! Bulk insert of categories: the demo catalog and imports.

use super::tree;
use crate::catalog::category::entity::{CategoryId, Model, old_slug};
use crate::catalog::category::repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::text;
use crate::infra::database::{Connection, Transaction};

/// Values of a new category. All other columns are derived.
#[derive(Clone, Debug)]
pub struct NewCategory {
    pub name: String,
    pub slug: String,
    pub description: String,
    pub published: bool,
    pub position: i32,
}

/// Builds the row of a new category below `parent`.
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

/// Whether the shop has no categories. Reads through the given connection.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(repository::is_empty(db).await?)
}

/// Inserts the categories and former slugs of a new catalog. Parents must come before their children.
pub async fn insert_catalog(
    transaction: &Transaction,
    categories: Vec<Model>,
    old_slugs: Vec<old_slug::Model>,
) -> Result<()> {
    tree::lock(transaction).await?;
    repository::insert_many(transaction, categories).await?;
    repository::slugs::insert_many(transaction, old_slugs).await?;
    Ok(())
}
