//! Product service: reads with visibility rules; the use cases that change products are in submodules.

mod attributes;
mod bulk;
mod completion;
mod create;
mod delete;
mod details;
mod entry;
mod fields;
mod popularity;
mod positions;
mod publication;
mod relations;
mod rules;
mod search;
mod search_match;
mod search_rebuild;
mod search_verify;
mod slugs;
mod suggest;
mod update;

pub use attributes::{AttributeTarget, set_attributes};
pub use bulk::{BulkChange, BulkOutcome, BulkRow, BulkTarget, update_many};
pub use create::create;
pub use delete::{delete_category_in, delete_in};
pub use details::{
    Details, DetailsInput, MAX_BRAND, MAX_TAGS, check_brand, check_seo_description,
    check_seo_title, check_tags,
};
pub use fields::{ProductFields, ProductInput};
pub use popularity::refresh_popularity;
pub use positions::reorder_in_category;
pub use publication::publish_due;
pub use relations::{MAX_RELATED, related_to};
pub use rules::{MAX_CATEGORIES, lock};
pub use search::{engine_documents, has_products, index_missing};
pub use search_match::{Correction, MAX_COUNTED, best_counts, corrections_of, unmatched_terms};
pub use search_rebuild::{maintain_search_index, request_rebuild, search_index_due};
pub use search_verify::{SEARCH_CHECKS, SearchDifferences, verify_search};
pub use suggest::{DEFAULT_SUGGESTIONS, Suggestion, suggest};
pub use update::update;

pub mod batch;
pub mod facets;
pub mod variants;

use std::collections::HashMap;

use self::batch::CategorizedProduct;
use self::variants::VariantSet;
use self::variants::changes::{Reason, VariantChanges};
use crate::catalog::category::{self, CategoryId};
use crate::catalog::product::entity::{Model, ProductId, Status, old_slug, product_category};
use crate::catalog::product::list::{Filter, List, ListedProduct, Selection};
use crate::catalog::product::repository::{self, SearchCodes, tags};
use crate::catalog::search::time_limit;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::pagination::{Page, Ranked, Total};
use crate::core::text;
use crate::core::viewer::Audience;
use crate::infra::database::{Connection, Database, Transaction};

/// Returns the products of `ids` that the audience may see.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, Model>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the names of these products.
pub async fn names_of(
    db: &impl Connection,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, String>> {
    Ok(repository::names_of(db, ids).await?.into_iter().collect())
}

/// Returns the products with these current slugs regardless of visibility, in no particular order.
pub async fn find_by_slugs(db: &impl Connection, slugs: &[&str]) -> Result<Vec<Model>> {
    Ok(repository::find_by_slugs(db, slugs).await?)
}

/// Whether a product exists, regardless of visibility.
pub async fn exists(db: &impl Connection, id: ProductId) -> Result<bool> {
    Ok(repository::find(db, id).await?.is_some())
}

/// Returns the product with this current or most recent former slug.
pub async fn find_by_slug(db: &Database, audience: Audience, slug: &str) -> Result<Option<Model>> {
    text::check_lookup(slug, text::MAX_SLUG, "slug")?;
    let slug = text::normalise(slug);
    Ok(repository::find_by_slug(db.reader(), audience, &slug).await?)
}

/// Returns a page of each list, with few statements.
pub async fn list_many(
    db: &Database,
    audience: Audience,
    lists: &[(List, Selection)],
) -> Result<Vec<Page<Ranked<ListedProduct>>>> {
    let is_search = |(list, _): &(List, Selection)| list.filter.search.is_some();
    let rows = if lists.iter().any(is_search) {
        let reader = time_limit::reader(db, audience);
        let found = repository::list_many(&reader, audience, lists).await;
        found.map_err(|error| time_limit::error(audience, error))?
    } else {
        repository::list_many(db.reader(), audience, lists).await?
    };
    let pages = lists.iter().zip(rows);
    Ok(pages
        .map(|((list, _), rows)| list.paging.page(rows))
        .collect())
}

/// Counts the products for each filter, in one statement.
pub async fn count_many(
    db: &Database,
    audience: Audience,
    filters: &[Filter],
) -> Result<Vec<Total>> {
    Ok(repository::count_many(db.reader(), audience, filters).await?)
}

/// Returns the categories of these products that the audience may see: the primary one first, then in tree order.
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

/// Returns the ids of the categories of these products.
pub async fn category_ids_of(
    db: &impl Connection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<CategoryId>>> {
    if products.is_empty() {
        return Ok(HashMap::new());
    }
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for link in repository::links_of(db, products).await? {
        found
            .entry(link.product_id)
            .or_default()
            .push(link.category_id);
    }
    Ok(found)
}

/// Returns the tags of these products, in their order. Products without tags are omitted.
pub async fn tags_of(
    db: &impl Connection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<String>>> {
    Ok(tags::of(db, products).await?)
}

/// The fields of a new product.
#[derive(Clone, Debug)]
pub struct NewProduct {
    pub name: String,
    pub slug: String,
    pub sku: Option<String>,
    pub description: String,
    /// In minor units.
    pub price: i64,
    pub stock: i32,
    pub status: Status,
    /// The primary category.
    pub category: CategoryId,
    /// The additional categories.
    pub additional: Vec<CategoryId>,
    pub created_at: Timestamp,
    pub details: Details,
}

impl NewProduct {
    /// Returns a new product with these fields, or `None` without a name, a price or a primary category. Default of the
    /// slug: empty, to be made from the name.
    fn from_fields(fields: ProductFields, now: Timestamp) -> Option<Self> {
        Some(Self {
            name: fields.name?,
            slug: fields.slug.unwrap_or_default(),
            sku: fields.sku.apply_to(None),
            description: fields.description.unwrap_or_default(),
            price: fields.price?,
            stock: fields.stock.unwrap_or_default(),
            status: fields.status.unwrap_or(Status::Draft),
            category: fields.category?,
            additional: fields.additional.unwrap_or_default(),
            created_at: now,
            details: fields.details,
        })
    }

    fn build(self, now: Timestamp) -> CategorizedProduct {
        let mut product = Model {
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
            price_max: Some(self.price),
            compare_at_price: None,
            prior_price: None,
            in_stock: self.stock > 0,
            backorder: false,
            variant_count: 1,
            brand: None,
            seo_title: None,
            seo_description: None,
            description_html: None,
            published_at: (self.status == Status::Active).then_some(self.created_at),
            available_from: None,
            product_type_id: None,
        };
        let mut details = self.details;
        let tags = details.tags.take().unwrap_or_default();
        let related = details.related.take().unwrap_or_default();
        details.apply(&mut product);
        CategorizedProduct {
            related,
            ..CategorizedProduct::new(product, &self.additional, tags)
        }
    }
}

/// Returns the rows of a new product: its own, and its category links.
pub fn build(new: NewProduct, now: Timestamp) -> (Model, Vec<product_category::Model>) {
    let built = new.build(now);
    let links = built.links();
    (built.product, links)
}

/// Whether the shop has no products.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(repository::is_empty(db).await?)
}

/// Inserts the products, category assignments and former slugs of a new catalog.
pub async fn insert_catalog(
    transaction: &Transaction,
    mut products: Vec<Model>,
    links: Vec<product_category::Model>,
    old_slugs: Vec<old_slug::Model>,
) -> Result<()> {
    let latest = products.iter().map(|product| product.updated_at).max();
    let now = latest.unwrap_or(Timestamp(0));
    let mut changes = VariantChanges::new(Reason::counted(None), now);
    let mut codes = SearchCodes::new();
    for product in &mut products {
        let set = VariantSet::only(product);
        set.summarize(product);
        codes.insert(product.id, set.codes());
        changes.create(&set);
    }
    repository::insert_many(transaction, products.clone()).await?;
    changes.write(transaction).await?;
    repository::insert_categories(transaction, links).await?;
    repository::index_many(transaction, &products, codes).await?;
    repository::insert_old_slugs(transaction, old_slugs).await?;
    Ok(())
}
