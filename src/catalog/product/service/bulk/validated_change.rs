//! The checked input of a bulk update, and the fields that it sets on each product.

use std::collections::HashSet;

use super::{BulkChange, BulkTarget, MAX_PRODUCTS};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::Status;
use crate::catalog::product::service::ProductFields;
use crate::catalog::product::service::batch::CategorizedProduct;
use crate::catalog::product::service::rules::{MAX_CATEGORIES, check_categories};
use crate::catalog::product::service::variants::VariantSet;
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::money::Decimal;
use crate::core::validation::Validator;

/// The checked change.
pub struct ValidatedChange {
    status: Option<Status>,
    pub category: Option<CategoryId>,
    pub add: Vec<CategoryId>,
    pub remove: Vec<CategoryId>,
    price_percent: Option<Decimal>,
}

/// Checks the input.
///
/// # Errors
/// All invalid fields.
pub fn check(target: BulkTarget, change: BulkChange) -> Result<(BulkTarget, ValidatedChange)> {
    let mut validator = Validator::default();
    if let BulkTarget::Ids(ids) = &target {
        let distinct: HashSet<_> = ids.iter().collect();
        if ids.len() > MAX_PRODUCTS {
            validator.check::<()>("ids", Err(too_many()));
        } else if distinct.len() < ids.len() {
            validator.check::<()>(
                "ids",
                Err("The ids contain duplicates. List each product once."),
            );
        }
    }
    let category = change
        .category
        .and_then(|id| validator.id("categoryId", &id));
    let add = check_categories(&mut validator, "addCategoryIds", &change.add);
    let remove = check_categories(&mut validator, "removeCategoryIds", &change.remove);
    if add.iter().any(|id| remove.contains(id)) {
        let message = "A category is in both `addCategoryIds` and `removeCategoryIds`.";
        validator.check::<()>("removeCategoryIds", Err(message));
    }
    let percent = change.price_percent.and_then(|percent| {
        let number = percent.check("pricePercent");
        validator.check(
            "pricePercent",
            number.map_err(|wrong| wrong.message().to_owned()),
        )
    });
    // -100 percent makes a product free; less is a mistake.
    if percent.is_some_and(|percent| percent.is_below(-100)) {
        validator.check::<()>("pricePercent", Err("`pricePercent` must be at least -100."));
    }
    let checked = ValidatedChange {
        status: change.status,
        category,
        add,
        remove,
        price_percent: percent,
    };
    if validator.is_valid() && checked.is_empty() {
        let message = "The input contains no change. Set at least one field to change.";
        validator.refuse(UserError::new(UserErrorCode::BadUserInput, None, message));
    }
    validator.finish()?;
    Ok((target, checked))
}

/// The error message of a target with more than [`MAX_PRODUCTS`].
pub fn too_many() -> String {
    format!("At most {MAX_PRODUCTS} products can be updated at once.")
}

impl ValidatedChange {
    const fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.category.is_none()
            && self.add.is_empty()
            && self.remove.is_empty()
            && self.price_percent.is_none()
    }

    /// Returns the fields to apply to a product, or why it can't be changed.
    pub fn fields(&self, before: &CategorizedProduct) -> Result<ProductFields, UserError> {
        let refuse = |field: &str, message: &str| {
            UserError::new(UserErrorCode::BadUserInput, field, message)
        };
        let primary = self.category.unwrap_or(before.product.category_id);
        if self.remove.contains(&primary) {
            return Err(refuse(
                "removeCategoryIds",
                "The primary category of a product cannot be removed. Set `categoryId` to change it.",
            ));
        }
        let mut additional = before.additional().to_vec();
        additional.retain(|id| !self.remove.contains(id) && *id != primary);
        for id in &self.add {
            if !additional.contains(id) && *id != primary {
                additional.push(*id);
            }
        }
        let count = additional.len();
        if count > MAX_CATEGORIES && count > before.additional().len() {
            let message = "The product would have more than 50 additional categories.";
            return Err(refuse("addCategoryIds", message));
        }
        // Of several variants, each has its own price.
        let percent = self
            .price_percent
            .filter(|_| before.product.variant_count == 1);
        let price = percent.map(|percent| {
            let too_large = || refuse("pricePercent", "The new price would exceed the maximum.");
            percent
                .increase_by_percent(before.product.price)
                .ok_or_else(too_large)
        });
        Ok(ProductFields {
            price: price.transpose()?,
            status: self.status,
            category: self.category,
            additional: Some(additional),
            ..ProductFields::default()
        })
    }

    /// Whether prices change.
    pub const fn changes_prices(&self) -> bool {
        self.price_percent.is_some()
    }

    /// Returns the variants of a product with their new prices, or why they can't be changed. A compare-at price that
    /// is not above the new price is removed.
    pub fn raise_prices(
        &self,
        before: &VariantSet,
        now: Timestamp,
    ) -> Result<VariantSet, UserError> {
        let mut after = before.clone();
        let Some(percent) = self.price_percent else {
            return Ok(after);
        };
        for (row, _) in &mut after.variants {
            let price = percent.increase_by_percent(row.price).ok_or_else(|| {
                let message = "The new price would exceed the maximum.";
                UserError::new(UserErrorCode::BadUserInput, "pricePercent", message)
            })?;
            if price != row.price {
                row.price = price;
                row.compare_at_price = row.compare_at_price.filter(|compare| *compare > price);
                row.version += 1;
                row.updated_at = now;
            }
        }
        Ok(after)
    }
}
