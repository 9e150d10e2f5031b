//! The variants of the products of a batch.
//!
//! A product without options has one variant, whose price, SKU and stock are those of the product. Products with several
//! variants keep theirs, unless [`ProductBatch::set_variants`] changes them.

use super::{Draft, ProductBatch};
use crate::catalog::product::repository::variants::StockedVariant;
use crate::catalog::product::service::variants::VariantSet;
use crate::catalog::product::service::variants::changes::set_prior_prices;
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::infra::database::Transaction;

impl ProductBatch {
    /// The variants of a product in their current state, if they change.
    pub(super) fn variants(&self, index: usize) -> Option<&VariantSet> {
        self.drafts[index].variants.as_ref().map(|(_, after)| after)
    }

    /// The stored variants of a product, if they change.
    pub(super) fn stored_variants(&self, index: usize) -> Option<&VariantSet> {
        self.drafts[index]
            .variants
            .as_ref()
            .map(|(before, _)| before)
    }

    /// Changes the variants of a product, and with them its prices and its stock.
    pub(in crate::catalog::product::service) fn set_variants(
        &mut self,
        index: usize,
        before: VariantSet,
        after: VariantSet,
    ) {
        let now = self.now;
        let draft = &mut self.drafts[index];
        let mut next = draft.current.clone();
        after.summarize(&mut next.product);
        if draft.is_new {
            draft.current = next;
        } else {
            if draft.before.is_none() {
                next.product.version += 1;
                next.product.updated_at = now;
            }
            let previous = std::mem::replace(&mut draft.current, next);
            draft.before.get_or_insert(previous);
        }
        draft.variants = Some((before, after));
    }

    /// Carries the prices, the SKUs and the stocks of the products to their only variants, and completes the rows of the
    /// products. Call it before reading the products that will be written.
    ///
    /// # Errors
    /// A user error if units that are promised to orders would be missing.
    pub(in crate::catalog::product::service) async fn complete(
        &mut self,
        transaction: &Transaction,
    ) -> Result<()> {
        let changed = self
            .drafts
            .iter()
            .filter(|draft| draft.changes_only_variant());
        let changed: Vec<_> = changed.map(|draft| draft.current.product.id).collect();
        let mut sets = VariantSet::lock_many(transaction, &changed).await?;
        for draft in &mut self.drafts {
            let product = &draft.current.product;
            if draft.is_new {
                let only = || (VariantSet::default(), VariantSet::only(product));
                draft.variants.get_or_insert_with(only);
            } else if let Some(before) = sets.remove(&product.id) {
                let mut after = before.clone();
                for variant in &mut after.variants {
                    carry(draft, variant, self.now)?;
                }
                draft.variants = Some((before, after));
            }
        }
        let drafts = self.drafts.iter_mut();
        let pairs = drafts.filter_map(|draft| draft.variants.as_mut());
        let mut pairs: Vec<_> = pairs.map(|(before, after)| (&*before, after)).collect();
        set_prior_prices(transaction, &mut pairs, self.now).await?;
        for draft in &mut self.drafts {
            if let Some((_, after)) = &draft.variants {
                after.summarize(&mut draft.current.product);
            }
        }
        Ok(())
    }
}

impl Draft {
    /// Whether the only variant of a stored product has to follow it.
    fn changes_only_variant(&self) -> bool {
        let product = &self.current.product;
        self.variants.is_none()
            && product.variant_count == 1
            && self.before.as_ref().is_some_and(|before| {
                let before = &before.product;
                (before.price, &before.sku, before.stock)
                    != (product.price, &product.sku, product.stock)
            })
    }
}

/// Carries the fields of a product to its only variant.
fn carry(
    draft: &Draft,
    (row, level): &mut StockedVariant,
    now: Timestamp,
) -> Result<(), UserError> {
    let product = &draft.current.product;
    if (row.price, &row.sku) != (product.price, &product.sku) {
        row.price = product.price;
        row.sku.clone_from(&product.sku);
        row.compare_at_price = row.compare_at_price.filter(|price| *price > row.price);
        row.version += 1;
        row.updated_at = now;
    }
    level.on_hand = i64::from(product.stock);
    if level.orderable() < 0 {
        let message = format!("{} units are promised to orders.", level.reserved);
        return Err(UserError::new(UserErrorCode::Conflict, "stock", message));
    }
    Ok(())
}
