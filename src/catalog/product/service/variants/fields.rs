//! The fields of a variant as clients send them, and as they are applied.

use super::choices::{self, Choice};
use super::set::VariantSet;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::variant::{self, TaxClassId, VariantId};
use crate::catalog::product::repository::variants::StockedVariant;
use crate::catalog::product::service::rules::check_stock;
use crate::core::clock::Timestamp;
use crate::core::error::{UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::platform::media::ImageId;

/// Maximum weight in grams.
const MAX_WEIGHT: i32 = 1_000_000_000;

/// The fields of a variant as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct VariantInput {
    /// The values of all options; absent in an update that keeps them.
    pub options: Option<Vec<Choice>>,
    pub sku: Patch<String>,
    pub barcode: Patch<String>,
    pub price: Patch<Decimal>,
    pub compare_at_price: Patch<Decimal>,
    pub stock: Patch<i32>,
    /// The stock that the client has read. An update fails if the variant has another one.
    pub expected_stock: Option<i32>,
    pub backorder_limit: Patch<i32>,
    pub tracked: Patch<bool>,
    pub low_stock_at: Patch<i32>,
    pub weight: Patch<i32>,
    pub requires_shipping: Patch<bool>,
    pub tax_class: Patch<String>,
    pub image: Patch<String>,
    pub active: Patch<bool>,
}

/// Checked fields of a variant. Absent fields keep their values.
#[derive(Clone, Debug, Default)]
pub struct VariantFields {
    pub options: Option<Vec<Choice>>,
    pub sku: Patch<String>,
    pub barcode: Patch<String>,
    pub price: Option<i64>,
    pub compare_at_price: Patch<i64>,
    pub stock: Option<i32>,
    pub expected_stock: Option<i32>,
    pub backorder_limit: Option<i32>,
    pub tracked: Option<bool>,
    pub low_stock_at: Patch<i32>,
    pub weight: Patch<i32>,
    pub requires_shipping: Option<bool>,
    pub tax_class: Patch<TaxClassId>,
    pub image: Patch<ImageId>,
    pub active: Option<bool>,
}

impl VariantInput {
    /// Checks all fields. `prefix` is the path of the input, such as `variants.3.`.
    pub fn check(
        self,
        validator: &mut Validator,
        prefix: &str,
        currency: Currency,
    ) -> VariantFields {
        let path = |field: &str| format!("{prefix}{field}");
        let options = self
            .options
            .and_then(|choices| choices::check(validator, &path("options"), choices));
        let sku = validator.patch(&path("sku"), self.sku, |sku| text::check_sku(&sku));
        let barcode = validator.patch(&path("barcode"), self.barcode, |code| check_barcode(&code));
        let price = validator.required(&path("price"), self.price);
        let price =
            price.and_then(|price| validator.check(&path("price"), price.to_price(currency)));
        let compare_at_price = validator.patch(
            &path("compareAtPrice"),
            self.compare_at_price,
            |price: Decimal| price.to_price(currency),
        );
        let mut units = |field: &str, patch: Patch<i32>| {
            let units = validator.required(&path(field), patch);
            units.and_then(|units| validator.check(&path(field), check_stock(units)))
        };
        let stock = units("stock", self.stock);
        let backorder_limit = units("backorderLimit", self.backorder_limit);
        if let Some(expected) = self.expected_stock {
            validator.check(&path("expectedStock"), check_stock(expected));
        }
        VariantFields {
            options,
            sku,
            barcode,
            price,
            compare_at_price,
            stock,
            expected_stock: self.expected_stock,
            backorder_limit,
            tracked: validator.required(&path("tracked"), self.tracked),
            low_stock_at: validator.patch(&path("lowStockAt"), self.low_stock_at, check_stock),
            weight: validator.patch(&path("weight"), self.weight, check_weight),
            requires_shipping: validator
                .required(&path("requiresShipping"), self.requires_shipping),
            tax_class: validator.patch(&path("taxClassId"), self.tax_class, |id| {
                TaxClassId::parse(&id, "").map_err(|error| error.message().to_owned())
            }),
            image: validator.patch(&path("imageId"), self.image, |id| {
                ImageId::parse(&id, "imageId").map_err(|error| error.message().to_owned())
            }),
            active: validator.required(&path("active"), self.active),
        }
    }
}

/// Checks a barcode. Its digits are not: shops use many kinds of codes.
pub fn check_barcode(code: &str) -> Result<String, &'static str> {
    text::check_sku(code)
}

pub fn check_weight(grams: i32) -> Result<i32, &'static str> {
    if (0..=MAX_WEIGHT).contains(&grams) {
        Ok(grams)
    } else {
        Err("The weight must be between 0 and 1,000,000,000 grams.")
    }
}

impl VariantFields {
    /// Whether the fields include a price.
    pub const fn has_price(&self) -> bool {
        self.price.is_some()
    }

    /// Returns the tax class that the variant gets.
    pub const fn tax_class(&self) -> Option<TaxClassId> {
        match self.tax_class {
            Patch::Set(id) => Some(id),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Returns the image that the variant shows from now on.
    pub const fn image(&self) -> Option<ImageId> {
        match self.image {
            Patch::Set(id) => Some(id),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Adds a variant with these fields to a set, and values that its options do not have yet. `product_price` is the
    /// price of a variant without its own.
    ///
    /// # Errors
    /// The reason why the variant can't be added.
    pub fn add_to(
        self,
        set: &mut VariantSet,
        (id, product, product_price): (VariantId, ProductId, i64),
        prefix: &str,
        now: Timestamp,
    ) -> Result<(), UserError> {
        let position = set.variants.iter().map(|(row, _)| row.position + 1).max();
        let row = variant::Model {
            id,
            product_id: product,
            position: position.unwrap_or_default(),
            sku: None,
            barcode: None,
            price: product_price,
            compare_at_price: None,
            prior_price: None,
            weight: None,
            requires_shipping: true,
            tax_class_id: None,
            tracked: true,
            low_stock_at: None,
            image_id: None,
            active: true,
            combination: String::new(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let level = level::Model {
            variant_id: id,
            product_id: product,
            on_hand: 0,
            reserved: 0,
            backorder_limit: 0,
        };
        let fields = Self {
            // A product with options: all are required.
            options: Some(self.options.unwrap_or_default()),
            ..self
        };
        let row = fields.apply(set, (row, level), prefix, now)?;
        set.variants.push(row);
        Ok(())
    }

    /// Applies the fields to the variant with this index.
    ///
    /// # Errors
    /// The reason why they can't be applied.
    pub fn update(
        self,
        set: &mut VariantSet,
        index: usize,
        prefix: &str,
        now: Timestamp,
    ) -> Result<(), UserError> {
        let before = set.variants[index].clone();
        let mut after = self.apply(set, before.clone(), prefix, now)?;
        if after.0 != before.0 {
            after.0.version += 1;
            after.0.updated_at = now;
        }
        set.variants[index] = after;
        Ok(())
    }

    fn apply(
        self,
        set: &mut VariantSet,
        (mut row, mut level): StockedVariant,
        prefix: &str,
        now: Timestamp,
    ) -> Result<StockedVariant, UserError> {
        let refuse = |code, field: &str, message: &str| {
            UserError::new(code, format!("{prefix}{field}").as_str(), message)
        };
        if let Some(expected) = self.expected_stock
            && i64::from(expected) != level.on_hand
        {
            let current = i32::try_from(level.on_hand).unwrap_or(i32::MAX);
            let stale = UserError::stale_stock(current);
            return Err(UserError {
                field: Some(format!("{prefix}expectedStock")),
                ..stale
            });
        }
        row.price = self.price.unwrap_or(row.price);
        let sets_compare_at = matches!(self.compare_at_price, Patch::Set(_));
        row.compare_at_price = self.compare_at_price.apply_to(row.compare_at_price);
        if row.compare_at_price.is_some_and(|price| price <= row.price) {
            if sets_compare_at {
                let message = "The compare-at price must be greater than the price.";
                return Err(refuse(
                    UserErrorCode::BadUserInput,
                    "compareAtPrice",
                    message,
                ));
            }
            row.compare_at_price = None;
        }
        level.on_hand = self.stock.map_or(level.on_hand, i64::from);
        level.backorder_limit = self
            .backorder_limit
            .map_or(level.backorder_limit, i64::from);
        if level.orderable() < 0 {
            let message = format!("{} units are promised to orders.", level.reserved);
            return Err(refuse(UserErrorCode::Conflict, "stock", &message));
        }
        row.sku = self.sku.apply_to(row.sku);
        row.barcode = self.barcode.apply_to(row.barcode);
        row.weight = self.weight.apply_to(row.weight);
        row.low_stock_at = self.low_stock_at.apply_to(row.low_stock_at);
        row.tax_class_id = self.tax_class.apply_to(row.tax_class_id);
        row.image_id = self.image.apply_to(row.image_id);
        row.tracked = self.tracked.unwrap_or(row.tracked);
        row.requires_shipping = self.requires_shipping.unwrap_or(row.requires_shipping);
        row.active = self.active.unwrap_or(row.active);
        if let Some(choices) = self.options {
            row.combination = choices::resolve(set, &choices, now)
                .map_err(|message| refuse(UserErrorCode::BadUserInput, "options", &message))?;
        }
        let mut others = set.variants.iter().filter(|(other, _)| other.id != row.id);
        if others.any(|(other, _)| other.combination == row.combination) {
            let message = if row.combination.is_empty() {
                "The product has no options, so it has only one variant. Add options with `updateProductOptions` first."
            } else {
                "Another variant of the product has these values."
            };
            return Err(refuse(UserErrorCode::Conflict, "options", message));
        }
        Ok((row, level))
    }
}
