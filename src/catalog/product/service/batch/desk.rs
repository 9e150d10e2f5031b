//! In-memory working set of a batch: the current products and their pending changes.

use std::collections::{HashMap, HashSet};

use super::{Effect, FoundBy, Place, Refusal, Wanted, links_of};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::{Model, ProductId, Status, old_slug};
use crate::catalog::product::repository::batch::{self, Keys};
use crate::catalog::product::service::search::is_reworded;
use crate::catalog::product::service::{NewProduct, build};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::text;
use crate::infra::database::{Connection, Transaction};

const ANOTHER: Refusal = Refusal {
    field: "slug",
    message: "The product with this slug has another SKU.",
};
const AMBIGUOUS: Refusal = Refusal {
    field: "name",
    message: "Several products have this name. Identify the product by SKU or slug.",
};

/// The products of a batch with their pending changes, indexed by SKU, slug and name.
#[derive(Debug)]
pub struct Desk {
    pub(super) now: Timestamp,
    pub(super) products: Vec<Draft>,
    by_sku: HashMap<String, usize>,
    pub(super) by_slug: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    /// Names that several products have.
    crowded: HashSet<String>,
    /// Current and former slugs of products outside the batch.
    pub(super) in_use: HashSet<String>,
    pub(super) old_slugs: Vec<old_slug::Model>,
    /// Products whose indexed text has changed.
    pub(super) reworded: HashSet<ProductId>,
}

#[derive(Debug)]
pub(super) struct Draft {
    pub(super) product: Model,
    /// The primary category first.
    pub(super) categories: Vec<CategoryId>,
    pub(super) is_new: bool,
    pub(super) is_changed: bool,
    pub(super) is_moved: bool,
}

impl Desk {
    /// Loads the products of the batch and locks them until the transaction ends.
    pub async fn fetch(
        transaction: &Transaction,
        wanted: &[&Wanted],
        now: Timestamp,
    ) -> Result<Self> {
        let (keys, crowded) = keys(transaction, wanted).await?;
        let found = batch::find_for_update(transaction, keys).await?;
        let mut links = links_of(transaction, &found).await?;
        let mut desk = Self {
            now,
            products: Vec::with_capacity(wanted.len()),
            by_sku: HashMap::new(),
            by_slug: HashMap::new(),
            by_name: HashMap::new(),
            crowded,
            in_use: HashSet::new(),
            old_slugs: Vec::new(),
            reworded: HashSet::new(),
        };
        for product in found {
            let mut categories = links.remove(&product.id).unwrap_or_default();
            categories.sort_by_key(|category| *category != product.category_id);
            desk.add(product, categories, false);
        }
        desk.find_slugs_in_use(transaction, wanted).await?;
        Ok(desk)
    }

    /// Returns the product that `wanted` identifies.
    ///
    /// # Errors
    /// The identifiers belong to different products, or the name is ambiguous.
    pub fn find(&self, wanted: &Wanted) -> Result<Place, Refusal> {
        let by_slug = wanted.slug.as_ref().and_then(|slug| self.by_slug.get(slug));
        let sku = wanted.sku.as_ref().and_then(Option::as_ref);
        let by_sku = sku.and_then(|sku| self.by_sku.get(sku));
        match (wanted.found_by, by_sku.copied(), by_slug.copied()) {
            (FoundBy::SlugThenSku, Some(one), None) => Ok(Some(one)),
            (FoundBy::Slug | FoundBy::SlugThenSku, Some(one), other) if other != Some(one) => {
                Err(Refusal {
                    field: "sku",
                    message: "Another product has this SKU.",
                })
            }
            (FoundBy::Slug | FoundBy::SlugThenSku, _, place) => Ok(place),
            (FoundBy::SkuThenSlug, Some(one), Some(other)) if one != other => Err(ANOTHER),
            (FoundBy::SkuThenSlug, None, Some(other)) if sku.is_some() && self.has_sku(other) => {
                Err(ANOTHER)
            }
            (FoundBy::SkuThenSlug, None, None) if sku.is_none() && wanted.slug.is_none() => {
                self.find_by_name(&wanted.name)
            }
            (FoundBy::SkuThenSlug, one, other) => Ok(one.or(other)),
        }
    }

    fn find_by_name(&self, name: &str) -> Result<Place, Refusal> {
        let known = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        match known {
            _ if self.crowded.contains(name) => Err(AMBIGUOUS),
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(AMBIGUOUS),
        }
    }

    fn has_sku(&self, place: usize) -> bool {
        let draft = self.products.get(place);
        draft.is_some_and(|draft| draft.product.sku.is_some())
    }

    /// Returns the categories of a product, the primary one first.
    pub fn categories(&self, place: Place) -> &[CategoryId] {
        let draft = place.and_then(|place| self.products.get(place));
        draft.map_or(&[], |draft| &draft.categories)
    }

    /// Applies `wanted` to the product found by [`find`](Self::find) and assigns it to these categories; `None` keeps
    /// the current ones. Returns its ID.
    pub fn put(
        &mut self,
        place: Place,
        wanted: &Wanted,
        categories: Option<Vec<CategoryId>>,
    ) -> Result<(ProductId, Effect), Refusal> {
        let found = place.and_then(|place| Some((place, self.products.get(place)?)));
        let Some((place, draft)) = found else {
            let id = self.create(wanted, categories.unwrap_or_default())?;
            return Ok((id, Effect::Created));
        };
        let mut product = draft.product.clone();
        product.name.clone_from(&wanted.name);
        product.name_key = text::sort_key(&wanted.name);
        product.price = wanted.price;
        product.stock = wanted.stock.unwrap_or(product.stock);
        product.status = wanted.status.unwrap_or(product.status);
        if let Some(description) = &wanted.description {
            product.description.clone_from(description);
        }
        if let Some(slug) = &wanted.slug {
            product.slug.clone_from(slug);
        }
        match &wanted.sku {
            None => {}
            Some(None) if wanted.slug.is_none() => {}
            Some(sku) => product.sku.clone_from(sku),
        }
        let categories = categories.filter(|wanted| !is_same(wanted, &draft.categories));
        if let Some(primary) = categories
            .as_ref()
            .and_then(|categories| categories.first())
        {
            product.category_id = *primary;
        }
        if product == draft.product && categories.is_none() {
            return Ok((product.id, Effect::Unchanged));
        }
        product.version += 1;
        product.updated_at = self.now;
        let id = product.id;
        self.replace(place, product, categories);
        Ok((id, Effect::Updated))
    }

    fn create(
        &mut self,
        wanted: &Wanted,
        categories: Vec<CategoryId>,
    ) -> Result<ProductId, Refusal> {
        let primary = categories.first().ok_or(Refusal {
            field: "categories",
            message: "A new product requires a category.",
        })?;
        let new = NewProduct {
            name: wanted.name.clone(),
            slug: wanted
                .slug
                .clone()
                .unwrap_or_else(|| self.free_slug(&wanted.name)),
            sku: wanted.sku.clone().flatten(),
            description: wanted.description.clone().unwrap_or_default(),
            price: wanted.price,
            stock: wanted.stock.unwrap_or_default(),
            status: wanted.status.unwrap_or(Status::Draft),
            category: *primary,
            further: Vec::new(),
            created_at: self.now,
        };
        let (product, _) = build(new, self.now);
        let id = product.id;
        self.add(product, categories, true);
        Ok(id)
    }

    fn add(&mut self, product: Model, categories: Vec<CategoryId>, is_new: bool) {
        self.index(self.products.len(), &product);
        self.products.push(Draft {
            product,
            categories,
            is_new,
            is_changed: false,
            is_moved: false,
        });
    }

    fn replace(&mut self, place: usize, product: Model, categories: Option<Vec<CategoryId>>) {
        let Some(draft) = self.products.get_mut(place) else {
            return;
        };
        draft.is_changed = true;
        if let Some(categories) = categories {
            draft.categories = categories;
            draft.is_moved = true;
        }
        let before = std::mem::replace(&mut draft.product, product);
        let product = draft.product.clone();
        if is_reworded(&before, &product) {
            self.reworded.insert(product.id);
        }
        if before.slug != product.slug {
            self.old_slugs.push(old_slug::Model {
                slug: before.slug.clone(),
                product_id: product.id,
                created_at: self.now,
            });
        }
        self.by_slug.remove(&before.slug);
        if let Some(sku) = &before.sku {
            self.by_sku.remove(sku);
        }
        if let Some(places) = self.by_name.get_mut(&before.name) {
            places.retain(|other| *other != place);
        }
        self.index(place, &product);
    }

    fn index(&mut self, place: usize, product: &Model) {
        self.by_slug.insert(product.slug.clone(), place);
        if let Some(sku) = &product.sku {
            self.by_sku.insert(sku.clone(), place);
        }
        self.by_name
            .entry(product.name.clone())
            .or_default()
            .push(place);
    }
}

/// Returns the keys to look up, and the names that several products have.
async fn keys(db: &impl Connection, wanted: &[&Wanted]) -> Result<(Keys, HashSet<String>)> {
    let mut keys = Keys::default();
    for wanted in wanted {
        let sku = wanted.sku.as_ref().and_then(Option::as_ref);
        if sku.is_none() && wanted.slug.is_none() {
            keys.names.push(wanted.name.clone());
        }
        keys.skus.extend(sku.cloned());
        keys.slugs.extend(wanted.slug.clone());
    }
    let mut crowded = HashSet::new();
    if !keys.names.is_empty() {
        // Products with an ambiguous name are not loaded, however many there are.
        crowded.extend(batch::crowded_names(db, &keys.names).await?);
        keys.names.retain(|name| !crowded.contains(name));
    }
    Ok((keys, crowded))
}

/// Whether the primary categories are equal and the others are, in any order.
fn is_same(one: &[CategoryId], other: &[CategoryId]) -> bool {
    one.first() == other.first()
        && one.len() == other.len()
        && one.iter().all(|category| other.contains(category))
}
