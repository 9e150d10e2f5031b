//! The products of a batch of imported rows, found by the keys of the rows.

use std::collections::{HashMap, HashSet};

use super::imported::{FieldError, FoundBy, ImportedProduct};
use super::{ProductBatch, categorize};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::repository::batch::{self, Keys};
use crate::catalog::product::repository::{self, relations};
use crate::catalog::product::service::variants::VariantSet;
use crate::catalog::product::service::variants::changes::Reason;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::patch::Patch;
use crate::infra::database::{Connection, Transaction};

const OTHER_SKU: FieldError =
    FieldError::new("slug", "The product with this slug has another SKU.");
const AMBIGUOUS_NAME: FieldError = FieldError::new(
    "name",
    "Several products have this name. Identify the product by SKU or slug.",
);

/// A [`ProductBatch`] whose products can be found by SKU, slug and name.
#[derive(Debug)]
pub struct ImportBatch {
    pub(super) batch: ProductBatch,
    pub(super) by_sku: HashMap<String, usize>,
    pub(super) by_slug: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    /// Names that several stored products have.
    ambiguous: HashSet<String>,
    /// Slugs that products outside of the batch have or had.
    pub(super) taken_slugs: HashSet<String>,
    /// The stored variants of products whose rows may change them.
    pub(super) sets: HashMap<usize, VariantSet>,
}

impl ImportBatch {
    /// Reads and locks the stored products that these rows identify or relate to. `variants_change` is whether the variants
    /// change even if nothing of the rows does.
    pub async fn fetch(
        transaction: &Transaction,
        rows: &[&ImportedProduct],
        variants_change: bool,
        now: Timestamp,
    ) -> Result<Self> {
        let (mut keys, ambiguous) = keys(transaction, rows).await?;
        let skus = rows.iter().flat_map(|row| row.skus()).cloned();
        let skus: Vec<_> = skus.collect();
        // Every SKU is that of a variant.
        let variants = repository::variants::find_by_skus(transaction, &skus).await?;
        keys.ids = variants.iter().map(|row| row.product_id).collect();
        let found = batch::find_for_update(transaction, keys).await?;
        let ids: Vec<_> = found.iter().map(|product| product.id).collect();
        let mut related = HashMap::new();
        if !ids.is_empty() && rows.iter().any(|row| row.related.is_some()) {
            related = relations::of(transaction, &ids).await?;
        }
        let mut import = Self {
            batch: ProductBatch::new(now, Reason::counted(None)),
            by_sku: HashMap::new(),
            by_slug: HashMap::new(),
            by_name: HashMap::new(),
            ambiguous,
            taken_slugs: HashSet::new(),
            sets: HashMap::new(),
        };
        for mut stored in categorize(transaction, found).await? {
            stored.related = related.remove(&stored.product.id).unwrap_or_default();
            let index = import.batch.add(stored);
            import.index(index);
        }
        let indexes: HashMap<_, _> = (0..import.batch.len())
            .map(|index| (import.id(index), index))
            .collect();
        for variant in variants {
            if let (Some(sku), Some(index)) = (variant.sku, indexes.get(&variant.product_id)) {
                import.by_sku.insert(sku, *index);
            }
        }
        import
            .lock_variants(transaction, rows, variants_change)
            .await?;
        import.find_taken_slugs(transaction, rows).await?;
        Ok(import)
    }

    /// Reads and locks the variants of products that may change.
    async fn lock_variants(
        &mut self,
        transaction: &Transaction,
        rows: &[&ImportedProduct],
        all_change: bool,
    ) -> Result<()> {
        let mut changing = HashSet::new();
        for row in rows {
            let found = self.find(row).ok().flatten();
            let unchanged = found.filter(|index| !all_change && self.is_unchanged(*index, row));
            let candidates = self.candidates(row);
            changing.extend(candidates.filter(|index| Some(*index) != unchanged));
        }
        let ids: Vec<_> = changing.iter().map(|index| self.id(*index)).collect();
        let mut sets = VariantSet::lock_many(transaction, &ids).await?;
        for index in changing {
            if let Some(set) = sets.remove(&self.id(index)) {
                self.sets.insert(index, set);
                self.index_skus(index);
            }
        }
        Ok(())
    }

    /// All products that have a key of a row.
    fn candidates(&self, row: &ImportedProduct) -> impl Iterator<Item = usize> {
        let slugs = row.fields.slug.iter();
        let by_slug = slugs.filter_map(move |slug| self.by_slug.get(slug));
        let by_sku = row.skus().filter_map(move |sku| self.by_sku.get(sku));
        let by_name = self
            .by_name
            .get(row.name())
            .filter(|_| row.is_found_by_name());
        by_slug
            .chain(by_sku)
            .chain(by_name.into_iter().flatten())
            .copied()
    }

    /// Whether a row leaves the keys and the variants of a product as they are.
    fn is_unchanged(&self, index: usize, row: &ImportedProduct) -> bool {
        let product = &self.batch.get(index).product;
        let [variant] = row.variants.as_slice() else {
            return false;
        };
        let fields = &variant.fields;
        let has_sku = match &fields.sku {
            Patch::Keep => true,
            Patch::Clear => product.sku.is_none(),
            Patch::Set(sku) => product.sku.as_ref() == Some(sku),
        };
        variant.is_plain()
            && has_sku
            && row.name() == product.name
            && row
                .fields
                .slug
                .as_ref()
                .is_none_or(|slug| *slug == product.slug)
            && fields.price == Some(product.price)
            && fields.stock.is_none_or(|stock| stock == product.stock)
    }

    /// Returns the index of the product that a row identifies; `None` for a new product.
    pub fn find(&self, row: &ImportedProduct) -> Result<Option<usize>, FieldError> {
        let slug = row.fields.slug.as_ref();
        let by_slug = slug.and_then(|slug| self.by_slug.get(slug)).copied();
        let mut skus = row.identifying_skus().peekable();
        let has_sku = skus.peek().is_some();
        let by_sku = skus.find_map(|sku| self.by_sku.get(sku)).copied();
        if row.is_found_by_name() {
            return self.find_by_name(row.name());
        }
        match (row.found_by, by_sku, by_slug) {
            (FoundBy::Slug, _, found) => Ok(found),
            (FoundBy::SlugThenSku, one, other) => Ok(other.or(one)),
            (FoundBy::SkuThenSlug, Some(one), Some(other)) if one != other => Err(OTHER_SKU),
            (FoundBy::SkuThenSlug, None, Some(other)) if has_sku && self.has_sku(other) => {
                Err(OTHER_SKU)
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

    /// The id of the product with this index.
    pub fn id(&self, index: usize) -> ProductId {
        self.batch.get(index).product.id
    }

    /// The ids of all products of the batch.
    pub fn ids(&self) -> Vec<ProductId> {
        (0..self.batch.len()).map(|index| self.id(index)).collect()
    }

    /// The categories of a product, the primary one first; none for a new product.
    pub fn categories(&self, found: Option<usize>) -> &[CategoryId] {
        found.map_or(&[], |index| &self.batch.get(index).categories)
    }

    /// The indexes of the variants of a row whose SKUs other products have. `found` is the product of the row.
    pub fn foreign_skus(&self, found: Option<usize>, row: &ImportedProduct) -> Vec<usize> {
        let is_foreign = |sku: &String| {
            let owner = self.by_sku.get(sku);
            owner.is_some_and(|owner| Some(*owner) != found)
        };
        let variants = row.variants.iter().enumerate();
        let foreign = variants.filter(|(_, variant)| variant.sku().is_some_and(is_foreign));
        foreign.map(|(number, _)| number).collect()
    }

    /// Writes all changes.
    pub async fn write(mut self, transaction: &Transaction) -> Result<()> {
        self.batch.complete(transaction).await?;
        Ok(self.batch.write(transaction).await?)
    }

    /// Adds the keys of a product to the maps.
    pub(super) fn index(&mut self, index: usize) {
        let product = &self.batch.get(index).product;
        let (slug, name) = (product.slug.clone(), product.name.clone());
        self.by_slug.insert(slug, index);
        self.by_name.entry(name).or_default().push(index);
        self.index_skus(index);
    }

    fn index_skus(&mut self, index: usize) {
        for sku in self.skus(index) {
            self.by_sku.insert(sku, index);
        }
    }

    /// Removes the former keys of a product from the maps.
    pub(super) fn forget(&mut self, index: usize, (slug, name, skus): (&str, &str, &[String])) {
        self.by_slug.remove(slug);
        for sku in skus {
            self.by_sku.remove(sku);
        }
        if let Some(same_name) = self.by_name.get_mut(name) {
            same_name.retain(|other| *other != index);
        }
    }
}

/// Returns the keys of these rows, and the names that several products have.
async fn keys(db: &impl Connection, rows: &[&ImportedProduct]) -> Result<(Keys, HashSet<String>)> {
    let mut keys = Keys::default();
    for row in rows {
        if row.is_found_by_name() {
            keys.names.push(row.name().to_owned());
        }
        keys.slugs.extend(row.fields.slug.iter().cloned());
        keys.slugs.extend(row.related.iter().flatten().cloned());
    }
    let mut ambiguous = HashSet::new();
    if !keys.names.is_empty() {
        // Not fetched: there may be any number of them.
        ambiguous.extend(batch::find_duplicate_names(db, &keys.names).await?);
        keys.names.retain(|name| !ambiguous.contains(name));
    }
    Ok((keys, ambiguous))
}
