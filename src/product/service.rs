//! What can be asked of products, and who sees which.

use std::collections::HashMap;

use super::entity::{Model, ProductId, Status, old_slug, product_category};
use super::repository;
use crate::category::{self, CategoryId};
use crate::clock::Timestamp;
use crate::database::{Database, Transaction};
use crate::error::{Error, Result};
use crate::pagination::{self, Key, Page, Place};
use crate::range::Range;
use crate::text;
use crate::viewer::{Audience, Viewer};

/// How many characters a slug may have.
pub const MAX_SLUG: usize = 200;
/// How many categories a filter may name.
pub const MAX_FILTER_CATEGORIES: usize = 100;

/// What a list of products is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    #[default]
    Name,
    Price,
    CreatedAt,
    UpdatedAt,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "products";
    type Row = Model;

    fn place(self, product: &Model) -> Place {
        let key = match self {
            Self::Name => Key::Text(product.name_key.clone()),
            Self::Price => Key::Int(product.price),
            Self::CreatedAt => Key::Int(product.created_at.0),
            Self::UpdatedAt => Key::Int(product.updated_at.0),
        };
        Place {
            key,
            id: product.id.into(),
        }
    }
}

/// The categories that products of a list are in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Within {
    pub categories: Vec<CategoryId>,
    pub descendants: bool,
}

/// Which products a list holds. Everything given must be true of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Each of these must hold the product.
    pub within: Vec<Within>,
    /// Minor units.
    pub price: Range<i64>,
    pub in_stock: Option<bool>,
    pub created_at: Range<Timestamp>,
    pub updated_at: Range<Timestamp>,
    /// Only admins may ask; empty means any that the viewer sees.
    pub statuses: Vec<Status>,
}

impl Filter {
    /// Refuses what this viewer may not ask for, and what nobody should.
    pub fn check(&self, viewer: Viewer) -> Result<()> {
        if !self.statuses.is_empty() {
            viewer.admin()?;
        }
        for within in &self.within {
            if within.categories.len() > MAX_FILTER_CATEGORIES {
                return Err(Error::bad_input(
                    "filter.categoryIds",
                    format!("At most {MAX_FILTER_CATEGORIES} categories are allowed."),
                ));
            }
        }
        Ok(())
    }
}

/// One page of a list of products.
pub type List = pagination::List<Filter, SortField>;

/// Those of `ids` that the audience sees.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, Model>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// The product that has this slug, or had it last.
pub async fn find_by_slug(db: &Database, audience: Audience, slug: &str) -> Result<Option<Model>> {
    text::check_lookup(slug, MAX_SLUG, "slug")?;
    Ok(repository::find_by_slug(db.reader(), audience, slug).await?)
}

/// A page of each of these lists, in one statement.
pub async fn list_many(
    db: &Database,
    audience: Audience,
    lists: &[List],
) -> Result<Vec<Page<Model>>> {
    let rows = repository::list_many(db.reader(), audience, lists).await?;
    let pages = lists.iter().zip(rows);
    Ok(pages.map(|(list, rows)| list.paging.page(rows)).collect())
}

/// How many products each of these filters leaves, in one statement.
pub async fn count_many(db: &Database, audience: Audience, filters: &[Filter]) -> Result<Vec<i64>> {
    Ok(repository::count_many(db.reader(), audience, filters).await?)
}

/// The categories of these products that the audience sees: the primary one first, then as the tree reads.
pub async fn categories_of(
    db: &Database,
    audience: Audience,
    products: &[(ProductId, CategoryId)],
) -> Result<HashMap<ProductId, Vec<category::entity::Model>>> {
    let ids: Vec<_> = products.iter().map(|(product, _)| *product).collect();
    let mut by_product: HashMap<_, Vec<category::entity::Model>> = HashMap::new();
    for (product, category) in repository::categories_of(db.reader(), audience, &ids).await? {
        by_product.entry(product).or_default().push(category);
    }
    for (product, primary) in products {
        if let Some(categories) = by_product.get_mut(product) {
            categories.sort_by_key(|category| category.id != *primary);
        }
    }
    Ok(by_product)
}

/// Whether the shop has no product.
pub async fn is_empty(transaction: &Transaction) -> Result<bool> {
    Ok(repository::is_empty(transaction).await?)
}

/// Stores the products of a new catalogue, with their categories and the slugs they had before.
pub async fn insert_catalogue(
    transaction: &Transaction,
    products: Vec<Model>,
    links: Vec<product_category::Model>,
    old_slugs: Vec<old_slug::Model>,
) -> Result<()> {
    repository::insert_many(transaction, products).await?;
    repository::insert_categories(transaction, links).await?;
    repository::insert_old_slugs(transaction, old_slugs).await?;
    Ok(())
}
