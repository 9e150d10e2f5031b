//! Deletes products, and categories without products.

use super::batch::categorize;
use super::entry::entry;
use super::repository;
use super::variants::changes::{Reason, VariantChanges};
use super::variants::{VariantSet, with_variants};
use crate::catalog::category;
use crate::catalog::product::entity::Model;
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Deletes a [locked](super::lock) product without images, its variants, slugs and category assignments.
///
/// # Errors
/// `CONFLICT` if units are promised to orders.
pub async fn delete_in(
    transaction: &Transaction,
    state: &State,
    admin: Admin,
    product: &Model,
) -> Result<()> {
    let (currency, now) = (state.config.shop_currency, state.clock.now());
    let set = VariantSet::lock(transaction, product.id).await?;
    let reserved: i64 = set.variants.iter().map(|(_, level)| level.reserved).sum();
    if reserved > 0 {
        let message = format!("{reserved} units are promised to orders.");
        return Err(UserError::new(UserErrorCode::Conflict, "id", message).into());
    }
    let deleted = categorize(transaction, vec![product.clone()]).await?;
    let nothing = VariantSet::default();
    let entries = deleted.iter().map(|product| {
        let entry = entry("deleteProduct", Some(product), None, currency);
        with_variants(entry, (&set, &nothing), currency)
    });
    let entries: Vec<_> = entries.collect();
    // Movements outlive the product: the last ones close its stock.
    let mut changes = VariantChanges::new(Reason::counted(Some(admin.user())), now);
    changes.update(&set, &nothing);
    repository::touch_product(transaction, product.id);
    changes.write(transaction).await?;
    repository::delete(transaction, product.id).await?;
    audit::record(transaction, Actor::Admin(admin), entries, now).await
}

/// Deletes a category without products and children, which is [locked](category::service::lock_for_delete) and has no
/// image. Returns it.
///
/// # Errors
/// The category is not empty.
pub async fn delete_category_in(
    transaction: &Transaction,
    admin: Admin,
    found: category::entity::Model,
    now: Timestamp,
) -> Result<category::entity::Model> {
    let products = repository::count_in_category(transaction, found.id).await?;
    let actor = Actor::Admin(admin);
    category::service::delete_in(transaction, actor, found, products, now).await
}
