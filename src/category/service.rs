//! What can be asked of categories, and who sees which.

use std::collections::HashMap;

use super::entity::{CategoryId, Model, old_slug};
use super::repository;
use crate::database::{Database, Transaction};
use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::pagination::{self, Key, Page, Place};
use crate::text;
use crate::viewer::Audience;

/// The deepest level a category may be on, counted from 0.
pub const MAX_LEVEL: u32 = 7;
/// How many characters a slug may have.
pub const MAX_SLUG: usize = 200;

/// What a list of categories is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    Tree,
    Name,
    CreatedAt,
    UpdatedAt,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "categories";
    type Row = Model;

    fn place(self, category: &Model) -> Place {
        let key = match self {
            Self::Tree => Key::Text(category.path.clone()),
            Self::Name => Key::Text(category.name_key.clone()),
            Self::CreatedAt => Key::Int(category.created_at.0),
            Self::UpdatedAt => Key::Int(category.updated_at.0),
        };
        Place {
            key,
            id: category.id.into(),
        }
    }
}

/// Which categories a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub parent: Option<CategoryId>,
    /// 0 is a root.
    pub level: Option<u32>,
}

impl Filter {
    /// Understands what a client sent.
    pub fn parse(parent: Option<&str>, level: Option<i32>) -> Result<Self> {
        let parent = parent
            .map(|id| CategoryId::parse(id, "filter.parentId"))
            .transpose()?;
        let level = level
            .map(|level| match u32::try_from(level) {
                Ok(level @ 0..=MAX_LEVEL) => Ok(level),
                _ => Err(Error::bad_input(
                    "filter.level",
                    format!("A level is from 0 to {MAX_LEVEL}."),
                )),
            })
            .transpose()?;
        Ok(Self { parent, level })
    }
}

/// One page of a list of categories.
pub type List = pagination::List<Filter, SortField>;

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
    text::check_lookup(slug, MAX_SLUG, "slug")?;
    Ok(repository::find_by_slug(db.reader(), audience, slug).await?)
}

/// The ancestors of these categories, each from the root down. An ancestor of what is visible is visible.
pub async fn ancestors(
    db: &Database,
    categories: &[Model],
) -> Result<HashMap<CategoryId, Vec<Model>>> {
    let mut paths: Vec<&str> = categories.iter().flat_map(Model::ancestor_paths).collect();
    paths.sort_unstable();
    paths.dedup();
    if paths.is_empty() {
        return Ok(HashMap::new());
    }
    let found = repository::find_by_paths(db.reader(), paths).await?;
    let by_path: HashMap<&str, &Model> = found.iter().map(|row| (row.path.as_str(), row)).collect();
    Ok(categories
        .iter()
        .map(|category| {
            let above = category.ancestor_paths();
            let ancestors = above.filter_map(|path| by_path.get(path).map(|&row| row.clone()));
            (category.id, ancestors.collect())
        })
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

/// Whether the shop has no category.
pub async fn is_empty(transaction: &Transaction) -> Result<bool> {
    Ok(repository::is_empty(transaction).await?)
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
