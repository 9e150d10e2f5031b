//! Updating a product.

use super::attributes::AttributeValues;
use super::batch::{ProductBatch, WriteResult};
use super::publication::check_schedule;
use super::relations::lock_related;
use super::rules::{check_unique, lock, lock_categories, map_unique_violation};
use super::variants::VariantSet;
use super::variants::changes::Reason;
use super::{ProductFields, ProductInput};
use crate::catalog::attribute::service::lock_type;
use crate::catalog::product::entity::{Model, ProductId};
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Updates a product. An input that changes nothing doesn't increase its version.
pub async fn update(
    state: &State,
    admin: Admin,
    id: ProductId,
    expected_version: Option<i32>,
    mut input: ProductInput,
) -> Result<Model> {
    let attributes = std::mem::take(&mut input.attributes);
    let expected_stock = input.expected_stock;
    let currency = state.config.shop_currency;
    let mut validator = Validator::default();
    let mut fields = input.check(&mut validator, currency);
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let product_type = fields.details.product_type();
    lock_type(&transaction, product_type, "productTypeId").await?;
    lock_related(&transaction, &fields.details, Some(id)).await?;
    let before = lock(&transaction, id, expected_version).await?;
    refuse_variant_fields(&before, &fields)?;
    if expected_stock.is_some() || fields.stock.is_some() {
        let set = VariantSet::lock(&transaction, id).await?;
        fields.stock = units_on_hand(&set, expected_stock, fields.stock)?;
    }
    check_schedule(&fields, before.status)?;
    let reason = Reason::counted(Some(admin.user()));
    let mut batch = ProductBatch::load(&transaction, vec![before], (now, reason)).await?;
    if fields.details.related.is_some() {
        batch.load_related(&transaction, 0).await?;
    }
    let additional = fields.additional.as_deref().unwrap_or_default();
    let named = [
        ("categoryId", fields.category.as_slice()),
        ("categoryIds", additional),
    ];
    lock_categories(&transaction, &named).await?;
    let stored = batch.get(0).product.clone();
    let values = AttributeValues::prepare(&transaction, &stored, attributes).await?;
    if batch.update(0, fields) == WriteResult::Unchanged {
        if values.is_empty() {
            return Ok(stored);
        }
        batch.mark_changed(0);
    }
    batch.complete(&transaction).await?;
    let product = batch.get(0).product.clone();
    check_unique(&transaction, &product).await?;
    let entries = batch.entries("updateProduct", currency);
    let entries = values.describe(&transaction, entries).await?;
    batch
        .write(&transaction)
        .await
        .map_err(map_unique_violation)?;
    values.write(&transaction, &product, now).await?;
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(product)
}

/// Returns the units on hand for a new stock, which is that of the only variant without the units promised to orders.
/// `None` if the stock stays the same. The set is locked: the stock that is compared is the one that is replaced.
///
/// # Errors
/// Another stock than the expected one.
fn units_on_hand(
    set: &VariantSet,
    expected: Option<i32>,
    units: Option<i32>,
) -> Result<Option<i32>> {
    let current = i32::try_from(set.stock().units).unwrap_or(i32::MAX);
    if expected.is_some_and(|expected| expected != current) {
        return Err(UserError::stale_stock(current).into());
    }
    let reserved = set.variants.first().map_or(0, |(_, level)| level.reserved);
    let units = units.filter(|units| *units != current);
    Ok(units.map(|units| {
        let on_hand = i64::from(units) + reserved;
        i32::try_from(on_hand).unwrap_or(i32::MAX)
    }))
}

/// Refuses fields of the only variant for a product with several.
fn refuse_variant_fields(product: &Model, fields: &ProductFields) -> Result<()> {
    if product.variant_count == 1 {
        return Ok(());
    }
    let mut validator = Validator::default();
    let given = [
        ("price", fields.price.is_some()),
        ("sku", fields.sku != Patch::Keep),
        ("stock", fields.stock.is_some()),
    ];
    for (field, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        let message = "The product has several variants. Use `updateVariant`.";
        validator.refuse(UserError::new(UserErrorCode::BadUserInput, field, message));
    }
    validator.finish()
}
