//! Applies imported rows to the products of a batch, in memory.

use std::collections::HashMap;

use uuid::Uuid;

use super::WriteResult;
use super::imported::{FieldError, ImportedProduct};
use super::lookup::ImportBatch;
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::entity::{Model, ProductId, Status};
use crate::catalog::product::service::publication::check_schedule;
use crate::catalog::product::service::variants::{
    ImportedVariant, RowTarget, VariantSet, apply_rows,
};
use crate::catalog::product::service::{NewProduct, ProductFields};
use crate::core::html::{RichText, from_text};
use crate::core::patch::Patch;
use crate::platform::media::ImageId;

const TAKEN_SKU: FieldError = FieldError::new("sku", "Another product has this SKU.");
const NO_CATEGORY: FieldError = FieldError::new("categories", "A new product requires a category.");

/// Images of a product, by their URLs.
pub type Images = HashMap<String, ImageId>;

/// Checked rows of a product, with its variants after them.
#[derive(Debug)]
pub struct Prepared {
    /// `None` for a new product.
    found: Option<usize>,
    /// The new state of the variants, if they change.
    variants: Option<VariantSet>,
    ids: Vec<VariantId>,
    missing_images: Vec<(VariantId, String)>,
}

/// An imported product after its rows were applied.
#[derive(Debug)]
pub struct Put {
    pub index: usize,
    pub id: ProductId,
    pub write_result: WriteResult,
    /// The variants of the rows. Empty if they were not read because nothing of them changes.
    pub variants: Vec<VariantId>,
    /// Variants with the URLs of images that the product does not have yet.
    pub missing_images: Vec<(VariantId, String)>,
}

impl ImportBatch {
    /// Applies the rows of a product to its variants. `found` is the product that [`find`](Self::find) returned, and
    /// `images` are those that it has, by the URLs in the rows.
    ///
    /// # Errors
    /// The first error of a row.
    pub fn prepare(
        &self,
        found: Option<usize>,
        row: &ImportedProduct,
        images: &Images,
    ) -> Result<Prepared, FieldError> {
        if let Some(number) = self.foreign_skus(found, row).first() {
            return Err(FieldError {
                line: row.variants.get(*number).map(|variant| variant.line),
                ..TAKEN_SKU
            });
        }
        let product = found.map(|index| &self.batch.get(index).product);
        let status = product.map_or(Status::Draft, |product| product.status);
        check_schedule(&row.fields, status).map_err(|error| FieldError {
            line: None,
            field: "available_from",
            message: error.message.into(),
        })?;
        let known = match found {
            // Without the stored variants: no row changes them.
            Some(index) if self.set(index).is_none() => {
                return Ok(Prepared {
                    found,
                    variants: None,
                    ids: Vec::new(),
                    missing_images: Vec::new(),
                });
            }
            Some(index) => self.set(index),
            None => None,
        };
        let mut next = known.cloned().unwrap_or_default();
        // The id of a new product is not known yet.
        let target = RowTarget {
            product: product.map_or(ProductId(Uuid::nil()), |product| product.id),
            images,
            now: self.batch.now,
        };
        let variants = without_cleared_sku(row);
        let variants = variants.as_deref().unwrap_or(&row.variants);
        let ids = apply_rows(&mut next, variants, target)?;
        Ok(Prepared {
            found,
            missing_images: missing_images(row, &ids, images),
            variants: Some(next).filter(|next| known != Some(next)),
            ids,
        })
    }

    /// Creates or updates the product of prepared rows. `categories` are those of the rows, the primary one first;
    /// `None` keeps them.
    ///
    /// # Errors
    /// A new product has no category.
    pub fn put(
        &mut self,
        prepared: Prepared,
        row: &ImportedProduct,
        categories: Option<&[CategoryId]>,
    ) -> Result<Put, FieldError> {
        let mut fields = row.fields.clone();
        if let Some((primary, additional)) = categories.and_then(<[_]>::split_first) {
            fields.category = Some(*primary);
            fields.additional = Some(additional.to_vec());
        }
        let (index, write_result) = if let Some(index) = prepared.found {
            (index, self.update(index, fields, prepared.variants))
        } else {
            let variants = prepared.variants.unwrap_or_default();
            (self.create(row, fields, variants)?, WriteResult::Created)
        };
        let id = self.id(index);
        let (mut ids, mut missing_images) = (prepared.ids, prepared.missing_images);
        if prepared.found.is_none()
            && let Some([(only, _)]) = self.set(index).map(|set| set.variants.as_slice())
        {
            for (variant, _) in &mut missing_images {
                *variant = only.id;
            }
            ids.fill(only.id);
        }
        Ok(Put {
            index,
            id,
            write_result,
            variants: ids,
            missing_images,
        })
    }

    fn create(
        &mut self,
        row: &ImportedProduct,
        mut fields: ProductFields,
        mut set: VariantSet,
    ) -> Result<usize, FieldError> {
        if fields.slug.is_none() {
            fields.slug = Some(self.available_slug(row.name()));
        }
        fields.price = set.variants.iter().map(|(variant, _)| variant.price).min();
        let new = NewProduct::from_fields(fields, self.batch.now).ok_or(NO_CATEGORY)?;
        let index = self.batch.create(new);
        let id = self.id(index);
        set.assign_to(id);
        if let ([], [(variant, level)]) = (set.options.as_slice(), set.variants.as_mut_slice()) {
            // The only variant of a product without options has its id.
            variant.id = VariantId(id.0);
            level.variant_id = variant.id;
        }
        self.batch.set_variants(index, VariantSet::default(), set);
        self.index(index);
        Ok(index)
    }

    fn update(
        &mut self,
        index: usize,
        mut fields: ProductFields,
        changed: Option<VariantSet>,
    ) -> WriteResult {
        let product = &self.batch.get(index).product;
        let (slug, name) = (product.slug.clone(), product.name.clone());
        let skus = self.skus(index);
        if is_same_text(product, &fields.details.description_html) {
            fields.details.description_html = Patch::Keep;
        }
        let mut write_result = self.batch.update(index, fields);
        if let Some(next) = changed {
            let before = self.batch.stored_variants(index);
            let before = before.or_else(|| self.sets.get(&index)).cloned();
            self.batch
                .set_variants(index, before.unwrap_or_default(), next);
            write_result = WriteResult::Updated;
        }
        if write_result == WriteResult::Updated {
            self.forget(index, (&slug, &name, &skus));
            self.index(index);
        }
        write_result
    }

    /// Replaces the related products of a product by those with these slugs. Returns whether they change, and the slugs
    /// that no other product has.
    pub fn relate(&mut self, index: usize, slugs: &[String]) -> (bool, Vec<String>) {
        let (mut related, mut missing) = (Vec::new(), Vec::new());
        for slug in slugs {
            match self.by_slug.get(slug) {
                Some(other) if *other != index => {
                    let id = self.id(*other);
                    if !related.contains(&id) {
                        related.push(id);
                    }
                }
                _ => missing.push(slug.clone()),
            }
        }
        (self.batch.relate(index, related), missing)
    }

    /// The variants of a product in their current state, if they are known.
    fn set(&self, index: usize) -> Option<&VariantSet> {
        let changed = self.batch.variants(index);
        changed.or_else(|| self.sets.get(&index))
    }

    /// The SKUs of a product in its current state.
    pub(super) fn skus(&self, index: usize) -> Vec<String> {
        match self.set(index) {
            Some(set) => {
                let rows = set.variants.iter().map(|(row, _)| row);
                rows.filter_map(|row| row.sku.clone()).collect()
            }
            None => self.batch.get(index).product.sku.iter().cloned().collect(),
        }
    }
}

/// Returns the variants of a row whose images the product does not have, with their URLs.
fn missing_images(
    row: &ImportedProduct,
    ids: &[VariantId],
    images: &Images,
) -> Vec<(VariantId, String)> {
    let pairs = row.variants.iter().zip(ids);
    let missing = pairs.filter_map(|(variant, id)| match &variant.image {
        Patch::Set(url) if !images.contains_key(url) => Some((*id, url.clone())),
        _ => None,
    });
    missing.collect()
}

/// Returns the variants of a row without the cleared SKU, which doesn't apply to a product that is found by its name.
fn without_cleared_sku(row: &ImportedProduct) -> Option<Vec<ImportedVariant>> {
    let is_cleared = |variant: &ImportedVariant| variant.fields.sku == Patch::Clear;
    if row.fields.slug.is_some() || !row.variants.iter().any(is_cleared) {
        return None;
    }
    let mut variants = row.variants.clone();
    for variant in variants.iter_mut().filter(|variant| is_cleared(variant)) {
        variant.fields.sku = Patch::Keep;
    }
    Some(variants)
}

/// Whether HTML without formatting says the same as the plain description of a product: HTML does not preserve all
/// spaces.
fn is_same_text(product: &Model, html: &Patch<RichText>) -> bool {
    let Patch::Set(RichText { html: None, text }) = html else {
        return false;
    };
    let is_plain = product.description_html.is_none();
    is_plain
        && *text != product.description
        && RichText::parse(&from_text(&product.description)).is_ok_and(|same| same.text == *text)
}
