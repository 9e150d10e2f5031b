//! The write path of products: a batch holds new and changed products, and writes them with a few statements, however
//! many there are. A mutation of one product is a batch of one.

mod attributes;
mod imported;
mod lookup;
mod pages;
mod put;
mod slugs;
mod variants;
mod write;

use std::collections::HashMap;

pub use attributes::{AttributeWrites, OwnedValue};
pub use imported::{FieldError, FoundBy, ImportedProduct};
pub use lookup::ImportBatch;
pub use pages::{ProductPage, page_after};
pub use put::{Images, Prepared, Put};

use super::NewProduct;
use super::entry::entry;
use super::fields::ProductFields;
use super::variants::changes::Reason;
use super::variants::{VariantSet, with_variants};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::{
    Model, ProductId, Status, old_slug, product_category, product_tag,
};
use crate::catalog::product::repository::{self, tags};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::money::Currency;
use crate::core::text;
use crate::infra::database::Connection;
use crate::platform::audit::service::Entry;

/// A product, the categories it is in, and its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategorizedProduct {
    pub product: Model,
    /// The primary one first, each once.
    pub categories: Vec<CategoryId>,
    pub tags: Vec<String>,
    /// Related products, in their order. Empty unless `ProductBatch::load_related` has read them.
    pub related: Vec<ProductId>,
}

impl CategorizedProduct {
    pub(super) fn new(product: Model, additional: &[CategoryId], tags: Vec<String>) -> Self {
        let mut categories = vec![product.category_id];
        for id in additional {
            if !categories.contains(id) {
                categories.push(*id);
            }
        }
        Self {
            product,
            categories,
            tags,
            related: Vec::new(),
        }
    }

    /// The categories without the primary one.
    pub(super) fn additional(&self) -> &[CategoryId] {
        self.categories.get(1..).unwrap_or_default()
    }

    fn has_same_categories(&self, other: &Self) -> bool {
        let is_in_other = |id: &CategoryId| other.categories.contains(id);
        self.categories.len() == other.categories.len() && self.categories.iter().all(is_in_other)
    }

    /// Returns the links to categories that another state of the product does not have.
    fn links_beside(&self, other: &Self) -> Vec<product_category::Model> {
        let mut links = self.links();
        links.retain(|link| !other.categories.contains(&link.category_id));
        links
    }

    pub(super) fn links(&self) -> Vec<product_category::Model> {
        let link = |category_id: &CategoryId| product_category::Model {
            product_id: self.product.id,
            category_id: *category_id,
            position: product_category::UNPLACED,
        };
        self.categories.iter().map(link).collect()
    }

    fn tag_rows(&self) -> Vec<product_tag::Model> {
        let row = |(tag, position): (&String, i32)| product_tag::Model {
            product_id: self.product.id,
            tag_key: text::tag_key(tag),
            tag: tag.clone(),
            position,
        };
        self.tags.iter().zip(0..).map(row).collect()
    }
}

/// The effect of a row or an input on a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteResult {
    Created,
    Updated,
    Unchanged,
}

/// New and changed products that are written together. Products are identified by their index in the batch.
#[derive(Debug)]
pub struct ProductBatch {
    now: Timestamp,
    /// Why the stock of products changes.
    reason: Reason,
    drafts: Vec<Draft>,
    /// The former slugs of products of the batch that were replaced in it.
    old_slugs: Vec<old_slug::Model>,
}

#[derive(Debug)]
struct Draft {
    current: CategorizedProduct,
    /// As it is stored, if that is not the current state.
    before: Option<CategorizedProduct>,
    is_new: bool,
    /// The variants as they are stored, and as they will be, if they change.
    variants: Option<(VariantSet, VariantSet)>,
}

impl ProductBatch {
    pub(super) const fn new(now: Timestamp, reason: Reason) -> Self {
        Self {
            now,
            reason,
            drafts: Vec::new(),
            old_slugs: Vec::new(),
        }
    }

    /// Returns a batch of these stored products, which the caller has locked, in their order.
    pub(super) async fn load(
        db: &impl Connection,
        products: Vec<Model>,
        (now, reason): (Timestamp, Reason),
    ) -> Result<Self> {
        let mut batch = Self::new(now, reason);
        for stored in categorize(db, products).await? {
            batch.add(stored);
        }
        Ok(batch)
    }

    /// Adds a stored product, which the caller has locked, and returns its index.
    pub(super) fn add(&mut self, stored: CategorizedProduct) -> usize {
        self.push(stored, false)
    }

    /// Adds a new product and returns its index.
    pub(super) fn create(&mut self, new: NewProduct) -> usize {
        self.push(new.build(self.now), true)
    }

    fn push(&mut self, current: CategorizedProduct, is_new: bool) -> usize {
        self.drafts.push(Draft {
            current,
            before: None,
            is_new,
            variants: None,
        });
        self.drafts.len() - 1
    }

    /// Applies fields to a product. A change increases its version.
    pub(super) fn update(&mut self, index: usize, fields: ProductFields) -> WriteResult {
        let draft = &mut self.drafts[index];
        let current = &draft.current;
        let mut next = fields.apply(current);
        if next.product.status == Status::Active && current.product.status != Status::Active {
            next.product.published_at.get_or_insert(self.now);
        }
        let has_same_labels = next.tags == current.tags && next.related == current.related;
        if next.product == current.product && next.has_same_categories(current) && has_same_labels {
            return WriteResult::Unchanged;
        }
        next.product.version += 1;
        next.product.updated_at = self.now;
        let is_renamed = next.product.slug != current.product.slug;
        let previous = std::mem::replace(&mut draft.current, next);
        if is_renamed {
            self.old_slugs.push(old_slug::Model {
                slug: previous.product.slug.clone(),
                product_id: previous.product.id,
                created_at: self.now,
            });
        }
        if !draft.is_new {
            draft.before.get_or_insert(previous);
        }
        WriteResult::Updated
    }

    /// Increases the version of a product of which something beside it changes.
    pub(super) fn mark_changed(&mut self, index: usize) {
        let draft = &mut self.drafts[index];
        if !draft.is_new && draft.before.is_none() {
            draft.before = Some(draft.current.clone());
            draft.current.product.version += 1;
            draft.current.product.updated_at = self.now;
        }
    }

    pub(super) fn set_related(&mut self, index: usize, related: Vec<ProductId>) {
        self.drafts[index].current.related = related;
    }

    /// Replaces the related products of a product. Returns whether they change.
    pub(super) fn relate(&mut self, index: usize, related: Vec<ProductId>) -> bool {
        let now = self.now;
        let draft = &mut self.drafts[index];
        if draft.current.related == related {
            return false;
        }
        let previous = draft.current.clone();
        draft.current.related = related;
        if !draft.is_new && draft.before.is_none() {
            draft.current.product.version += 1;
            draft.current.product.updated_at = now;
            draft.before = Some(previous);
        }
        true
    }

    /// The number of products.
    pub(super) const fn len(&self) -> usize {
        self.drafts.len()
    }

    /// The product with this index in its current state.
    pub(super) fn get(&self, index: usize) -> &CategorizedProduct {
        &self.drafts[index].current
    }

    /// The audit entries of all new and changed products.
    pub(super) fn entries(&self, action: &'static str, currency: Currency) -> Vec<Entry> {
        let written = self.drafts.iter().filter(|draft| draft.is_written());
        let entries = written.map(|draft| {
            let current = Some(&draft.current);
            let entry = entry(action, draft.before.as_ref(), current, currency);
            match &draft.variants {
                Some((before, after)) => with_variants(entry, (before, after), currency),
                None => entry,
            }
        });
        entries.collect()
    }
}

impl Draft {
    const fn is_written(&self) -> bool {
        self.is_new || self.before.is_some()
    }
}

/// Returns these products with their categories and tags. Two statements; none for no products.
pub(super) async fn categorize(
    db: &impl Connection,
    products: Vec<Model>,
) -> Result<Vec<CategorizedProduct>> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let mut links: HashMap<ProductId, Vec<CategoryId>> = HashMap::new();
    for link in repository::links_of(db, &ids).await? {
        let categories = links.entry(link.product_id).or_default();
        categories.push(link.category_id);
    }
    let mut tags = tags::of(db, &ids).await?;
    let categorized = products.into_iter().map(|product| {
        let categories = links.remove(&product.id).unwrap_or_default();
        let tags = tags.remove(&product.id).unwrap_or_default();
        CategorizedProduct::new(product, &categories, tags)
    });
    Ok(categorized.collect())
}
