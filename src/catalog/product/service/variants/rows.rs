//! Variants in the rows of an imported file: matched with those of a product, then changed or added in memory.

use std::borrow::Cow;
use std::collections::HashMap;

use super::choices::{self, Choice, MAX_VARIANTS};
use super::fields::VariantFields;
use super::row_options::add_options;
use super::set::VariantSet;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::service::batch::FieldError;
use crate::core::clock::Timestamp;
use crate::core::error::UserError;
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::platform::media::ImageId;

/// A variant of an imported product.
#[derive(Clone, Debug, Default)]
pub struct ImportedVariant {
    /// Line of its row in the file.
    pub line: u64,
    /// Its options are in the order of the file; `None` for the only variant of a product without options. The image
    /// and the backorder limit may be given by the fields below instead.
    pub fields: VariantFields,
    /// Whether it can be sold below 0. The limit of a variant that can be stays the same.
    pub backorder: Option<bool>,
    /// URL that the image was fetched from.
    pub image: Patch<String>,
}

/// The product whose variants are imported.
#[derive(Clone, Copy, Debug)]
pub struct RowTarget<'a> {
    pub product: ProductId,
    /// The images of the product, by the URLs in the file.
    pub images: &'a HashMap<String, ImageId>,
    pub now: Timestamp,
}

impl ImportedVariant {
    pub const fn sku(&self) -> Option<&String> {
        match &self.fields.sku {
            Patch::Set(sku) => Some(sku),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Whether the row has no other fields of a variant than the price, the SKU and the stock.
    pub fn is_plain(&self) -> bool {
        let VariantFields {
            options,
            sku: _,
            barcode,
            price: _,
            compare_at_price,
            stock: _,
            expected_stock: _,
            backorder_limit,
            tracked,
            low_stock_at,
            weight,
            requires_shipping,
            tax_class: _,
            image: _,
            active,
        } = &self.fields;
        let has_flags = [tracked, requires_shipping, active]
            .iter()
            .any(|flag| flag.is_some());
        let has_units = *low_stock_at != Patch::Keep || *weight != Patch::Keep;
        options.is_none()
            && *barcode == Patch::Keep
            && *compare_at_price == Patch::Keep
            && backorder_limit.or(self.backorder.map(i32::from)).is_none()
            && self.image == Patch::Keep
            && !has_flags
            && !has_units
    }

    pub(super) fn choices(&self) -> &[Choice] {
        self.fields.options.as_deref().unwrap_or_default()
    }

    pub(super) fn error(&self, field: &'static str, message: impl Into<String>) -> FieldError {
        FieldError {
            line: Some(self.line),
            field,
            message: Cow::Owned(message.into()),
        }
    }

    /// Returns the fields to apply to a variant with this backorder limit.
    fn resolve(&self, limit: Option<i64>, target: RowTarget<'_>) -> VariantFields {
        let image = match &self.image {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            // An image that is not fetched yet is assigned when it is.
            Patch::Set(url) => target.images.get(url).copied().into(),
        };
        let backorder_limit = match self.backorder {
            None => self.fields.backorder_limit,
            Some(false) => Some(0),
            Some(true) if limit.is_some_and(|limit| limit > 0) => None,
            Some(true) => Some(i32::MAX),
        };
        VariantFields {
            backorder_limit,
            image,
            ..self.fields.clone()
        }
    }

    fn update(
        &self,
        set: &mut VariantSet,
        index: usize,
        target: RowTarget<'_>,
    ) -> Result<VariantId, FieldError> {
        let (row, level) = &set.variants[index];
        let (id, limit) = (row.id, level.backorder_limit);
        let fields = self.resolve(Some(limit), target);
        let updated = fields.update(set, index, "", target.now);
        updated.map_err(|error| self.refusal(error))?;
        Ok(id)
    }

    fn add_to(&self, set: &mut VariantSet, target: RowTarget<'_>) -> Result<VariantId, FieldError> {
        if set.variants.len() >= MAX_VARIANTS {
            return Err(self.error("options", "A product has at most 1,000 variants."));
        }
        let Some(price) = self.fields.price else {
            return Err(self.error("price", "A new variant requires a price."));
        };
        let id = VariantId::generate(target.now);
        let fields = self.resolve(None, target);
        let added = fields.add_to(set, (id, target.product, price), "", target.now);
        added.map_err(|error| self.refusal(error))?;
        Ok(id)
    }

    fn refusal(&self, error: UserError) -> FieldError {
        let field = match error.field.as_deref() {
            Some("compareAtPrice") => "compare_at_price",
            Some("stock") => "stock",
            _ => "options",
        };
        self.error(field, error.message)
    }
}

/// Applies the rows of a product to its variants: with a single row without options to its only variant, else to those
/// with the same values, then to those with the same SKUs. Other rows are new variants. Returns the variants of the
/// rows.
///
/// # Errors
/// The first row that can't be applied. The set may have changed.
pub fn apply_rows(
    set: &mut VariantSet,
    rows: &[ImportedVariant],
    target: RowTarget<'_>,
) -> Result<Vec<VariantId>, FieldError> {
    let ids = match rows {
        [only] if only.fields.options.is_none() => apply_only(set, only, target)?,
        _ => apply_with_options(set, rows, target)?,
    };
    check_skus(set, rows, &ids)?;
    Ok(ids)
}

fn apply_only(
    set: &mut VariantSet,
    row: &ImportedVariant,
    target: RowTarget<'_>,
) -> Result<Vec<VariantId>, FieldError> {
    let index = match set.variants.as_slice() {
        [] => return Ok(vec![row.add_to(set, target)?]),
        [_] => Some(0),
        several => several.iter().position(|(variant, _)| {
            row.sku()
                .is_some_and(|sku| variant.sku.as_ref() == Some(sku))
        }),
    };
    if let Some(index) = index {
        return Ok(vec![row.update(set, index, target)?]);
    }
    check_summary(set, row)?;
    Ok(Vec::new())
}

/// Rejects a row without options that would change one of several variants. It may repeat the summary that lists show.
fn check_summary(set: &VariantSet, row: &ImportedVariant) -> Result<(), FieldError> {
    let fields = &row.fields;
    let variants = || set.variants.iter();
    let lowest = variants().map(|(variant, _)| variant.price).min();
    let stock: i64 = variants().map(|(_, level)| level.on_hand).sum();
    let stock = stock.min(i64::from(i32::MAX));
    let is_set = |patch: &Patch<String>| matches!(patch, Patch::Set(_));
    let differs = [
        ("sku", is_set(&fields.sku)),
        ("price", fields.price.is_some() && fields.price != lowest),
        (
            "stock",
            fields.stock.is_some_and(|units| i64::from(units) != stock),
        ),
        ("barcode", is_set(&fields.barcode)),
        (
            "compare_at_price",
            matches!(fields.compare_at_price, Patch::Set(_)),
        ),
        ("weight", matches!(fields.weight, Patch::Set(_))),
    ];
    match differs.into_iter().find(|(_, differs)| *differs) {
        Some((field, _)) => Err(row.error(
            field,
            "The product has several variants: give the option values of the one to change.",
        )),
        None => Ok(()),
    }
}

fn apply_with_options(
    set: &mut VariantSet,
    rows: &[ImportedVariant],
    target: RowTarget<'_>,
) -> Result<Vec<VariantId>, FieldError> {
    add_options(set, rows, target)?;
    // Of each combination in the file: its line.
    let mut lines = HashMap::new();
    let mut combinations = Vec::with_capacity(rows.len());
    for row in rows {
        let resolved = choices::resolve(set, row.choices(), target.now);
        let combination = resolved.map_err(|message| row.error("options", message))?;
        if let Some(line) = lines.insert(combination.clone(), row.line) {
            return Err(row.error(
                "options",
                format!("Line {line} has the same option values."),
            ));
        }
        combinations.push(combination);
    }
    let stored = set.variants.iter().map(|(row, _)| row).enumerate();
    let by_combination: HashMap<_, _> = stored
        .clone()
        .map(|(index, row)| (row.combination.clone(), index))
        .collect();
    // Variants whose values the file does not have: their rows may give them others.
    let by_sku: HashMap<_, _> = stored
        .filter(|(_, row)| !lines.contains_key(&row.combination))
        .filter_map(|(index, row)| Some((row.sku.clone()?, index)))
        .collect();
    let mut ids = Vec::with_capacity(rows.len());
    for (row, combination) in rows.iter().zip(combinations) {
        let same_values = by_combination.get(&combination);
        let found = same_values.or_else(|| row.sku().and_then(|sku| by_sku.get(sku)));
        ids.push(match found {
            Some(index) => row.update(set, *index, target)?,
            None => row.add_to(set, target)?,
        });
    }
    Ok(ids)
}

/// Rejects an SKU that another variant of the product has.
fn check_skus(
    set: &VariantSet,
    rows: &[ImportedVariant],
    ids: &[VariantId],
) -> Result<(), FieldError> {
    if set.variants.len() == 1 {
        return Ok(());
    }
    let mut counts: HashMap<&String, usize> = HashMap::new();
    for sku in set.variants.iter().filter_map(|(row, _)| row.sku.as_ref()) {
        *counts.entry(sku).or_default() += 1;
    }
    for row in rows.iter().take(ids.len()) {
        if row
            .sku()
            .is_some_and(|sku| counts.get(sku).is_some_and(|count| *count > 1))
        {
            return Err(row.error("sku", "Another variant of the product has this SKU."));
        }
    }
    Ok(())
}
