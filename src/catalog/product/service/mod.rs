//! What can be asked of products, and who sees which. What can be done to them is in the files below.

mod bulk;
mod create;
mod delete;
mod entry;
mod fields;
mod rules;
mod search;
mod slugs;
mod stock;
mod suggest;
mod update;

pub use bulk::{BulkChange, BulkOutcome, BulkRow, BulkTarget, update_many};
pub use create::create;
pub use delete::{delete_category, delete_in};
pub use fields::{ProductFields, ProductInput};
pub use rules::{MAX_CATEGORIES, lock};
pub use search::index_missing;
pub use stock::adjust_stock;
pub use suggest::{DEFAULT_SUGGESTIONS, Suggestion, suggest};
pub use update::update;

pub mod batch;
pub mod facets;

use std::collections::HashMap;

use self::batch::CategorizedProduct;
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

/// The fields of a new product.
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
    /// The additional categories.
    pub further: Vec<CategoryId>,
    pub created_at: Timestamp,
}

impl NewProduct {
    /// Returns a new product with these fields, or `None` without a name, a price or a primary category. Default of the
    /// slug: empty, to be made from the name.
    fn from_fields(fields: ProductFields, now: Timestamp) -> Option<Self> {
        Some(Self {
            name: fields.name?,
            slug: fields.slug.unwrap_or_default(),
            sku: fields.sku.over(None),
            description: fields.description.unwrap_or_default(),
            price: fields.price?,
            stock: fields.stock.unwrap_or_default(),
            status: fields.status.unwrap_or(Status::Draft),
            category: fields.category?,
            further: fields.additional.unwrap_or_default(),
            created_at: now,
        })
    }

    fn build(self, now: Timestamp) -> CategorizedProduct {
        let product = Model {
            id: ProductId::generate(now),
            name_key: text::sort_key(&self.name),
            name: text::normalise(&self.name),
            slug: self.slug,
            sku: self.sku,
            description: text::normalise(&self.description),
            price: self.price,
            stock: self.stock,
            status: self.status,
            category_id: self.category,
            version: 1,
            created_at: self.created_at,
            updated_at: self.created_at,
        };
        CategorizedProduct::new(product, &self.further)
    }
}

/// Returns the rows of a new product: its own, and its category links.
pub fn build(new: NewProduct, now: Timestamp) -> (Model, Vec<product_category::Model>) {
    let built = new.build(now);
    let links = built.links();
    (built.product, links)
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
