//! Creating, changing, reordering and deleting variants.

use std::collections::HashSet;

use super::batch::{VariantBatch, taken};
use super::choices::MAX_VARIANTS;
use super::fields::VariantInput;
use super::set::VariantSet;
use super::{images, missing_variant, tax_classes};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::repository::variants as repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::state::State;

/// Creates a variant of a product with options. A variant without a price has that of the product.
pub async fn create(
    state: &State,
    admin: Admin,
    product: ProductId,
    input: VariantInput,
) -> Result<(Model, VariantSet, VariantId)> {
    let currency = state.config.shop_currency;
    let mut validator = Validator::default();
    let fields = input.check(&mut validator, "", currency);
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let mut batch = VariantBatch::lock(&transaction, &[product], now).await?;
    let draft = batch.only()?;
    if draft.after.variants.len() >= MAX_VARIANTS {
        let message = "A product has at most 1,000 variants.";
        return Err(UserError::new(UserErrorCode::Conflict, "productId", message).into());
    }
    images::check(&transaction, product, fields.image()).await?;
    tax_classes::check(&transaction, fields.tax_class()).await?;
    let id = VariantId::generate(now);
    let price = draft.product.price;
    fields.add_to(&mut draft.after, (id, product, price), "", now)?;
    if batch.taken_skus(&transaction).await?.contains(&id) {
        return Err(taken("").into());
    }
    let by = (admin, "createVariant", currency);
    let (product, set) = batch.write_only(&transaction, by).await?;
    transaction.commit().await?;
    Ok((product, set, id))
}

/// Deletes a variant. The last one stays.
pub async fn delete(
    state: &State,
    admin: Admin,
    id: VariantId,
    expected_version: Option<i32>,
) -> Result<(Model, VariantSet)> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let mut batch = lock_of_variant(&transaction, id, now).await?;
    let Some((draft, index)) = batch.find(id) else {
        return Err(missing_variant("id").into());
    };
    let (row, level) = &draft.after.variants[index];
    if expected_version.is_some_and(|expected| expected != row.version) {
        return Err(UserError::stale(row.version).into());
    }
    if level.reserved > 0 {
        let message = format!("{} units are promised to orders.", level.reserved);
        return Err(UserError::new(UserErrorCode::Conflict, "id", message).into());
    }
    if draft.after.variants.len() == 1 {
        let message = "The last variant of a product can't be deleted. Delete the product instead.";
        return Err(UserError::new(UserErrorCode::Conflict, "id", message).into());
    }
    draft.after.variants.remove(index);
    let by = (admin, "deleteVariant", state.config.shop_currency);
    let written = batch.write_only(&transaction, by).await?;
    transaction.commit().await?;
    Ok(written)
}

/// Puts all variants of a product in a new order.
pub async fn reorder(
    state: &State,
    admin: Admin,
    product: ProductId,
    order: &[VariantId],
) -> Result<(Model, VariantSet)> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let mut batch = VariantBatch::lock(&transaction, &[product], now).await?;
    let draft = batch.only()?;
    let distinct: HashSet<_> = order.iter().collect();
    let variants = &mut draft.after.variants;
    let is_complete = distinct.len() == order.len()
        && order.len() == variants.len()
        && variants.iter().all(|(row, _)| distinct.contains(&row.id));
    if !is_complete {
        let message = "`variantIds` must contain each variant of the product exactly once.";
        return Err(UserError::new(UserErrorCode::Conflict, "variantIds", message).into());
    }
    for (position, id) in (0..).zip(order) {
        if let Some((row, _)) = variants.iter_mut().find(|(row, _)| row.id == *id)
            && row.position != position
        {
            row.position = position;
            row.version += 1;
            row.updated_at = now;
        }
    }
    variants.sort_by_key(|(row, _)| row.position);
    let by = (admin, "reorderVariants", state.config.shop_currency);
    let written = batch.write_only(&transaction, by).await?;
    transaction.commit().await?;
    Ok(written)
}

/// Locks the product of a variant.
async fn lock_of_variant(
    transaction: &Transaction,
    id: VariantId,
    now: Timestamp,
) -> Result<VariantBatch> {
    let variant = repository::find(transaction, id).await?;
    let variant = variant.ok_or_else(|| Error::from(missing_variant("id")))?;
    VariantBatch::lock(transaction, &[variant.product_id], now).await
}
