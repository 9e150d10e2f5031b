//! Adjusting and setting the stock of a variant.

use super::changes::{Reason, VariantChanges};
use super::set::VariantSet;
use super::{missing_product, missing_variant};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::variant::{self, VariantId};
use crate::catalog::product::repository::variants::StockedVariant;
use crate::catalog::product::repository::{self, ChangedProduct, variants};
use crate::catalog::product::service::rules::{check_stock, lock};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::stock::StockLevel;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// The variant whose stock changes.
#[derive(Clone, Copy, Debug)]
pub enum StockTarget {
    /// The only variant of a product.
    OnlyOf(ProductId),
    Variant(VariantId),
}

/// The new stock.
#[derive(Clone, Copy, Debug)]
pub enum StockChange {
    /// Adds units, or subtracts them.
    Add(i32),
    /// Replaces the number of units, if it is still the expected one.
    Set { units: i32, expected: Option<i32> },
}

/// Changes the stock of a variant. Concurrent changes wait for each other; none is lost.
pub async fn change_stock(
    state: &State,
    admin: Admin,
    (action, target): (&'static str, StockTarget),
    change: StockChange,
    (reason, expected_version): (Reason, Option<i32>),
) -> Result<(Model, StockedVariant)> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (product, row) = lock_target(&transaction, target, expected_version).await?;
    let before = variants::lock_level(&transaction, row.id).await?;
    let before = before.ok_or_else(|| missing_variant("variantId"))?;
    let on_hand = next_units(&before, change)?;
    let after = level::Model { on_hand, ..before };
    if after == before {
        return Ok((product, (row, before)));
    }
    if after.orderable() < 0 {
        let message = format!("{} units are promised to orders.", before.reserved);
        return Err(UserError::new(UserErrorCode::Conflict, change.field(), message).into());
    }
    let mut changes = VariantChanges::new(reason, now);
    changes.update_level(&before, &after);
    let next = next_product(&transaction, &product, (&before, &after), now).await?;
    let entry = Entry::new(action).about(product.id).called(&product.name);
    let (old, new) = (before.on_hand.to_string(), after.on_hand.to_string());
    let entry = entry.change(&field(&transaction, &product, &row).await?, old, new);
    let low_stock = state.config.shop_low_stock;
    if is_shown_apart(product.variant_count, &before, &after, low_stock) {
        repository::touch_product(&transaction, product.id);
    }
    let saved = ChangedProduct {
        before: product,
        after: next.clone(),
    };
    // Before the product: triggers of the migration carry what differs.
    changes.write(&transaction).await?;
    repository::save_many(&transaction, vec![saved]).await?;
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok((next, (row, after)))
}

impl StockChange {
    /// Returns the change to a number of units.
    ///
    /// # Errors
    /// A negative number.
    pub fn set(units: i32, expected: Option<i32>) -> Result<Self> {
        let mut validator = Validator::default();
        validator.check("quantity", check_stock(units));
        if let Some(expected) = expected {
            validator.check("expectedQuantity", check_stock(expected));
        }
        validator.finish()?;
        Ok(Self::Set { units, expected })
    }

    const fn field(self) -> &'static str {
        match self {
            Self::Add(_) => "delta",
            Self::Set { .. } => "quantity",
        }
    }
}

async fn lock_target(
    transaction: &Transaction,
    target: StockTarget,
    expected_version: Option<i32>,
) -> Result<(Model, variant::Model)> {
    match target {
        StockTarget::OnlyOf(product) => {
            let product = lock(transaction, product, expected_version).await?;
            if product.variant_count > 1 {
                let message = "The product has several variants. Give a `variantId`.";
                return Err(UserError::new(UserErrorCode::BadUserInput, "id", message).into());
            }
            let only = variants::find_first(transaction, product.id).await?;
            let only = only.ok_or_else(|| Error::from(missing_product("id")))?;
            Ok((product, only))
        }
        StockTarget::Variant(id) => {
            let missing = || Error::from(missing_variant("variantId"));
            let variant = variants::find(transaction, id).await?.ok_or_else(missing)?;
            let product = lock(transaction, variant.product_id, expected_version).await?;
            // It may have changed before the product was locked.
            let variant = variants::find(transaction, id).await?.ok_or_else(missing)?;
            Ok((product, variant))
        }
    }
}

fn next_units(before: &level::Model, change: StockChange) -> Result<i64> {
    match change {
        StockChange::Add(delta) => {
            let units = before.on_hand + i64::from(delta);
            if units > i64::from(i32::MAX) {
                let message = "The stock would exceed the maximum of 2147483647.";
                return Err(UserError::new(UserErrorCode::BadUserInput, "delta", message).into());
            }
            if units < 0 {
                let message = format!("The current stock is only {}.", before.on_hand);
                return Err(UserError::new(UserErrorCode::Conflict, "delta", message).into());
            }
            Ok(units)
        }
        StockChange::Set { units, expected } => {
            if expected.is_some_and(|expected| i64::from(expected) != before.on_hand) {
                let current = i32::try_from(before.on_hand).unwrap_or(i32::MAX);
                let stale = UserError::stale_stock(current);
                return Err(UserError {
                    field: Some("expectedQuantity".to_owned()),
                    ..stale
                }
                .into());
            }
            Ok(i64::from(units))
        }
    }
}

/// Returns the row of the product with its new stock. The other variants are read only if the product may come into
/// stock or go out of it.
async fn next_product(
    transaction: &Transaction,
    product: &Model,
    (before, after): (&level::Model, &level::Model),
    now: Timestamp,
) -> Result<Model> {
    let mut next = product.clone();
    // The sum of all variants may exceed what the row of the product can hold.
    if is_crossing(before, after) || product.stock == i32::MAX {
        let mut set = VariantSet::lock(transaction, product.id).await?;
        let level = set.variants.iter_mut().map(|(_, level)| level);
        for level in level.filter(|level| level.variant_id == after.variant_id) {
            *level = *after;
        }
        set.summarize(&mut next);
    } else {
        let stock = i64::from(product.stock) + after.on_hand - before.on_hand;
        next.stock = i32::try_from(stock).unwrap_or(i32::MAX);
    }
    next.version += 1;
    next.updated_at = now;
    Ok(next)
}

/// Whether a variant comes into stock or goes out of it, and with it perhaps the product.
pub(super) fn is_crossing(before: &level::Model, after: &level::Model) -> bool {
    (before.available() > 0) != (after.available() > 0)
        || (before.orderable() > 0) != (after.orderable() > 0)
}

/// Returns the field of the audit entry: it names the variant if there are several.
async fn field(transaction: &Transaction, product: &Model, row: &variant::Model) -> Result<String> {
    if product.variant_count == 1 {
        return Ok("stock".to_owned());
    }
    let set = VariantSet::lock(transaction, product.id).await?;
    Ok(format!("variants[{}].stock", set.title(row)))
}

/// Whether the availability may change, other than the stock in the row of the product shows: of one of several variants,
/// or of a product with units that are promised to orders.
pub(super) fn is_shown_apart(
    variant_count: i32,
    before: &level::Model,
    after: &level::Model,
    low_stock: u32,
) -> bool {
    let stock = |level: &level::Model| i32::try_from(level.available()).unwrap_or(i32::MAX);
    let shown = |level: &level::Model| {
        let stock = StockLevel::of(stock(level), low_stock);
        (stock, level.orderable() > 0)
    };
    // Only if one of the variants has few units, all of them together may have few.
    let is_low = |level| StockLevel::of(stock(level), low_stock) != StockLevel::InStock;
    let may_be_low = variant_count > 1 && (is_low(before) || is_low(after));
    may_be_low || shown(before) != shown(after)
}
