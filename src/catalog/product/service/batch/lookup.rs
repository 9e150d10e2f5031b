//! The products of a batch of imported rows: found by the keys of the rows, then changed in memory.

use std::collections::{HashMap, HashSet};

use super::{ProductBatch, WriteResult, categorize};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::{Model, ProductId};
use crate::catalog::product::repository;
use crate::catalog::product::repository::batch::{self, Keys};
use crate::catalog::product::service::variants::changes::Reason;
use crate::catalog::product::service::{NewProduct, ProductFields};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::patch::Patch;
use crate::infra::database::{Connection, Transaction};

/// The product of an imported row.
#[derive(Clone, Debug)]
pub struct ImportedProduct {
    pub found_by: FoundBy,
    /// The name and the price are always present; the categories are passed to [`ImportBatch::put`]. A cleared SKU
    /// doesn't apply to a product that is found by its name.
    pub fields: ProductFields,
}

/// The key that an imported row identifies its product by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// The SKU, then the slug. A row without both: the name, if only one product has it.
    SkuThenSlug,
    /// The slug.
    Slug,
    /// The slug, then the SKU.
    SlugThenSku,
}

/// An error in a field of an imported row.
#[derive(Clone, Copy, Debug)]
pub struct FieldError {
    pub field: &'static str,
    pub message: &'static str,
}

const OTHER_SKU: FieldError = FieldError {
    field: "slug",
    message: "The product with this slug has another SKU.",
};
const TAKEN_SKU: FieldError = FieldError {
    field: "sku",
    message: "Another product has this SKU.",
};
const SKU_OF_VARIANT: FieldError = FieldError {
    field: "sku",
    message: "A variant of a product with several variants has this SKU.",
};
const HAS_VARIANTS: FieldError = FieldError {
    field: "price",
    message: "The product has several variants, whose prices, SKUs and stocks this row can't change.",
};
const AMBIGUOUS_NAME: FieldError = FieldError {
    field: "name",
    message: "Several products have this name. Identify the product by SKU or slug.",
};
const NO_CATEGORY: FieldError = FieldError {
    field: "categories",
    message: "A new product requires a category.",
};

impl ImportedProduct {
    pub fn name(&self) -> &str {
        self.fields.name.as_deref().unwrap_or_default()
    }

    pub const fn sku(&self) -> Option<&String> {
        match &self.fields.sku {
            Patch::Set(sku) => Some(sku),
            Patch::Keep | Patch::Clear => None,
        }
    }
}

/// A [`ProductBatch`] whose products can be found by SKU, slug and name.
#[derive(Debug)]
pub struct ImportBatch {
    batch: ProductBatch,
    by_sku: HashMap<String, usize>,
    pub(super) by_slug: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    /// Names that several stored products have.
    ambiguous: HashSet<String>,
    /// Slugs that products outside of the batch have or had.
    pub(super) taken_slugs: HashSet<String>,
    /// SKUs of variants of products with several variants.
    variant_skus: HashSet<String>,
}

impl ImportBatch {
    /// Reads and locks the stored products that these rows identify.
    pub async fn fetch(
        transaction: &Transaction,
        rows: &[&ImportedProduct],
        now: Timestamp,
    ) -> Result<Self> {
        let (keys, ambiguous) = keys(transaction, rows).await?;
        let variants = repository::variants::find_by_skus(transaction, &keys.skus).await?;
        let found = batch::find_for_update(transaction, keys).await?;
        let mut import = Self {
            batch: ProductBatch::new(now, Reason::counted(None)),
            by_sku: HashMap::new(),
            by_slug: HashMap::new(),
            by_name: HashMap::new(),
            ambiguous,
            taken_slugs: HashSet::new(),
            variant_skus: HashSet::new(),
        };
        for stored in categorize(transaction, found).await? {
            let index = import.batch.add(stored);
            import.index(index);
        }
        let skus = variants.into_iter().filter_map(|variant| variant.sku);
        let of_variants = skus.filter(|sku| !import.by_sku.contains_key(sku));
        import.variant_skus = of_variants.collect();
        import.find_taken_slugs(transaction, rows).await?;
        Ok(import)
    }

    /// Returns the index of the product that a row identifies; `None` for a new product.
    pub fn find(&self, row: &ImportedProduct) -> Result<Option<usize>, FieldError> {
        let slug = row.fields.slug.as_ref();
        let by_slug = slug.and_then(|slug| self.by_slug.get(slug));
        let sku = row.sku();
        let by_sku = sku.and_then(|sku| self.by_sku.get(sku));
        if sku.is_some_and(|sku| self.variant_skus.contains(sku)) {
            return Err(SKU_OF_VARIANT);
        }
        match (row.found_by, by_sku.copied(), by_slug.copied()) {
            (FoundBy::SlugThenSku, Some(one), None) => Ok(Some(one)),
            (FoundBy::Slug | FoundBy::SlugThenSku, Some(one), other) if other != Some(one) => {
                Err(TAKEN_SKU)
            }
            (FoundBy::Slug | FoundBy::SlugThenSku, _, found) => Ok(found),
            (FoundBy::SkuThenSlug, Some(one), Some(other)) if one != other => Err(OTHER_SKU),
            (FoundBy::SkuThenSlug, None, Some(other)) if sku.is_some() && self.has_sku(other) => {
                Err(OTHER_SKU)
            }
            (FoundBy::SkuThenSlug, None, None) if sku.is_none() && slug.is_none() => {
                self.find_by_name(row.name())
            }
            (FoundBy::SkuThenSlug, one, other) => Ok(one.or(other)),
        }
    }

    fn find_by_name(&self, name: &str) -> Result<Option<usize>, FieldError> {
        let known = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        match known {
            _ if self.ambiguous.contains(name) => Err(AMBIGUOUS_NAME),
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(AMBIGUOUS_NAME),
        }
    }

    fn has_sku(&self, index: usize) -> bool {
        self.batch.get(index).product.sku.is_some()
    }

    /// The categories of a product, the primary one first; none for a new product.
    pub fn categories(&self, found: Option<usize>) -> &[CategoryId] {
        found.map_or(&[], |index| &self.batch.get(index).categories)
    }

    /// Creates or updates the product that [`find`](Self::find) returned for a row. `categories` are those of the
    /// row, the primary one first; `None` keeps them.
    pub fn put(
        &mut self,
        found: Option<usize>,
        row: &ImportedProduct,
        categories: Option<&[CategoryId]>,
    ) -> Result<(ProductId, WriteResult), FieldError> {
        let mut fields = row.fields.clone();
        if let Some((primary, additional)) = categories.and_then(<[_]>::split_first) {
            fields.category = Some(*primary);
            fields.additional = Some(additional.to_vec());
        }
        let Some(index) = found else {
            if fields.slug.is_none() {
                fields.slug = Some(self.available_slug(row.name()));
            }
            let new = NewProduct::from_fields(fields, self.batch.now).ok_or(NO_CATEGORY)?;
            let index = self.batch.create(new);
            self.index(index);
            return Ok((self.batch.get(index).product.id, WriteResult::Created));
        };
        if fields.sku == Patch::Clear && fields.slug.is_none() {
            fields.sku = Patch::Keep;
        }
        let product = &self.batch.get(index).product;
        if product.variant_count > 1 {
            if fields.sku == Patch::Clear {
                fields.sku = Patch::Keep;
            }
            let is_changed = fields.sku != Patch::Keep
                || fields.price.is_some_and(|price| price != product.price)
                || fields.stock.is_some_and(|stock| stock != product.stock);
            if is_changed {
                return Err(HAS_VARIANTS);
            }
        }
        let Model {
            id,
            slug,
            sku,
            name,
            ..
        } = product;
        let (id, former) = (*id, (slug.clone(), sku.clone(), name.clone()));
        let write_result = self.batch.update(index, fields);
        if write_result == WriteResult::Updated {
            self.forget(index, former);
            self.index(index);
        }
        Ok((id, write_result))
    }

    /// Writes all changes.
    pub async fn write(mut self, transaction: &Transaction) -> Result<()> {
        self.batch.complete(transaction).await?;
        Ok(self.batch.write(transaction).await?)
    }

    /// Adds the keys of a product to the maps.
    fn index(&mut self, index: usize) {
        let product = &self.batch.get(index).product;
        self.by_slug.insert(product.slug.clone(), index);
        if let Some(sku) = &product.sku {
            self.by_sku.insert(sku.clone(), index);
        }
        let same_name = self.by_name.entry(product.name.clone()).or_default();
        same_name.push(index);
    }

    /// Removes the former keys of a product from the maps.
    fn forget(&mut self, index: usize, (slug, sku, name): (String, Option<String>, String)) {
        self.by_slug.remove(&slug);
        if let Some(sku) = sku {
            self.by_sku.remove(&sku);
        }
        if let Some(same_name) = self.by_name.get_mut(&name) {
            same_name.retain(|other| *other != index);
        }
    }
}

/// Returns the keys of these rows, and the names that several products have.
async fn keys(db: &impl Connection, rows: &[&ImportedProduct]) -> Result<(Keys, HashSet<String>)> {
    let mut keys = Keys::default();
    for row in rows {
        let (sku, slug) = (row.sku(), row.fields.slug.as_ref());
        if sku.is_none() && slug.is_none() {
            keys.names.push(row.name().to_owned());
        }
        keys.skus.extend(sku.cloned());
        keys.slugs.extend(slug.cloned());
    }
    let mut ambiguous = HashSet::new();
    if !keys.names.is_empty() {
        // Not fetched: there may be any number of them.
        ambiguous.extend(batch::find_duplicate_names(db, &keys.names).await?);
        keys.names.retain(|name| !ambiguous.contains(name));
    }
    Ok((keys, ambiguous))
}
