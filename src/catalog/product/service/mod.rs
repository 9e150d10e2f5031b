//! What can be asked of products, and who sees which. What can be done to them is in the files below.

mod bulk;
mod create;
mod delete;
mod entry;
mod rules;
mod search;
mod slugs;
mod stock;
mod suggest;
mod update;

pub use bulk::{BulkChange, BulkOutcome, BulkRow, BulkTarget, update_many};
pub use create::{ProductDraft, create};
pub use delete::{delete_category, delete_in};
pub use rules::{MAX_CATEGORIES, lock};
pub use search::index_missing;
pub use stock::adjust_stock;
pub use suggest::{DEFAULT_SUGGESTIONS, Suggestion, suggest};
pub use update::{ProductChange, update};

pub mod batch;
pub mod facets;

use std::collections::HashMap;

use crate::catalog::category::{self, CategoryId};
use crate::catalog::product::entity::{Model, ProductId, Status, old_slug, product_category};
use crate::catalog::product::list::{Detail, Filter, List};
use crate::catalog::product::repository;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::pagination::{Page, Ranked, Total};
use crate::core::text;
use crate::core::viewer::Audience;
use crate::infra::database::{Connection, Database, Transaction};

/// Those of `ids` that the audience sees.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, Model>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// The products that have these slugs, whoever may see them, in no order.
pub async fn find_by_slugs(db: &impl Connection, slugs: &[&str]) -> Result<Vec<Model>> {
    Ok(repository::find_by_slugs(db, slugs).await?)
}

/// Whether there is such a product, whoever may see it.
pub async fn exists(db: &impl Connection, id: ProductId) -> Result<bool> {
    Ok(repository::find(db, id).await?.is_some())
}

/// The product that has this slug, or had it last.
pub async fn find_by_slug(db: &Database, audience: Audience, slug: &str) -> Result<Option<Model>> {
    text::check_lookup(slug, text::MAX_SLUG, "slug")?;
    let slug = text::normalise(slug);
    Ok(repository::find_by_slug(db.reader(), audience, &slug).await?)
}

/// A page of each of these lists, in a handful of statements.
pub async fn list_many(
    db: &Database,
    audience: Audience,
    lists: &[(List, Detail)],
) -> Result<Vec<Page<Ranked<Model>>>> {
    let rows = repository::list_many(db.reader(), audience, lists).await?;
    let pages = lists.iter().zip(rows);
    Ok(pages
        .map(|((list, _), rows)| list.paging.page(rows))
        .collect())
}

/// How many products each of these filters leaves, in one statement.
pub async fn count_many(
    db: &Database,
    audience: Audience,
    filters: &[Filter],
) -> Result<Vec<Total>> {
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

/// What is said of a new product; the rest follows.
#[derive(Clone, Debug)]
pub struct NewProduct {
    pub name: String,
    pub slug: String,
    pub sku: Option<String>,
    pub description: String,
    /// Minor units.
    pub price: i64,
    pub stock: i32,
    pub status: Status,
    /// The primary category.
    pub category: CategoryId,
    /// The other categories it is in.
    pub further: Vec<CategoryId>,
    pub created_at: Timestamp,
}

/// The rows of a new product: itself and its places in categories.
pub fn build(new: NewProduct, now: Timestamp) -> (Model, Vec<product_category::Model>) {
    let product = Model {
        id: ProductId::generate(now),
        name_key: text::sort_key(&new.name),
        name: text::normalise(&new.name),
        slug: new.slug,
        sku: new.sku,
        description: text::normalise(&new.description),
        price: new.price,
        stock: new.stock,
        status: new.status,
        category_id: new.category,
        version: 1,
        created_at: new.created_at,
        updated_at: new.created_at,
    };
    let links = rules::links(&product, &new.further);
    (product, links)
}

/// Whether the shop has no product.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(repository::is_empty(db).await?)
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
