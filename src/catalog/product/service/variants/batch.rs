//! The write path of variants: the variants of one or more products, changed in memory and written together.

use std::collections::{HashMap, HashSet};

use super::changes::{Reason, VariantChanges, set_prior_prices};
use super::set::VariantSet;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::repository::{self, ChangedProduct, SearchCodes, variants};
use crate::catalog::product::service::rules::{map_unique_violation, sku_taken};
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError};
use crate::core::money::Currency;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};

use super::audit::entry;
use super::missing_product;

/// A product whose variants change.
#[derive(Debug)]
pub struct Draft {
    /// As it is stored, and locked by the transaction.
    pub product: Model,
    pub before: VariantSet,
    pub after: VariantSet,
}

/// Products whose variants are changed together.
#[derive(Debug)]
pub struct VariantBatch {
    now: Timestamp,
    pub drafts: Vec<Draft>,
}

impl VariantBatch {
    /// Reads and locks these products with their variants. Unknown products are absent.
    pub async fn lock(
        transaction: &Transaction,
        products: &[ProductId],
        now: Timestamp,
    ) -> Result<Self> {
        let products = repository::lock_many(transaction, products).await?;
        let ids: Vec<_> = products.iter().map(|product| product.id).collect();
        let mut sets = VariantSet::lock_many(transaction, &ids).await?;
        let drafts = products.into_iter().map(|product| {
            let before = sets.remove(&product.id).unwrap_or_default();
            Draft {
                after: before.clone(),
                before,
                product,
            }
        });
        Ok(Self {
            now,
            drafts: drafts.collect(),
        })
    }

    /// Returns the draft of the only product.
    pub fn only(&mut self) -> Result<&mut Draft, UserError> {
        let draft = self.drafts.first_mut();
        draft.ok_or_else(|| missing_product("productId"))
    }

    /// Returns the draft that has a variant, and the index of the variant in it.
    pub fn find(&mut self, id: VariantId) -> Option<(&mut Draft, usize)> {
        self.drafts.iter_mut().find_map(|draft| {
            let index = draft
                .after
                .variants
                .iter()
                .position(|(row, _)| row.id == id);
            Some((draft, index?))
        })
    }

    /// Returns the variants whose new SKU another variant has, stored or in the batch.
    pub async fn taken_skus(&self, transaction: &Transaction) -> Result<HashSet<VariantId>> {
        let mut owners: HashMap<&str, Vec<VariantId>> = HashMap::new();
        let mut new = HashMap::new();
        let mut in_batch = HashSet::new();
        for draft in &self.drafts {
            let stored = draft.before.variants.iter();
            let stored: HashMap<_, _> = stored.map(|(row, _)| (row.id, &row.sku)).collect();
            in_batch.extend(stored.keys().copied());
            for (row, _) in &draft.after.variants {
                let Some(sku) = &row.sku else { continue };
                owners.entry(sku).or_default().push(row.id);
                if stored.get(&row.id).is_none_or(|before| **before != row.sku) {
                    new.insert(row.id, sku.clone());
                }
            }
        }
        let skus: Vec<_> = new.values().cloned().collect();
        for other in variants::find_by_skus(transaction, &skus).await? {
            // The SKUs of variants in the batch are those after the change.
            if let Some(sku) = other.sku.filter(|_| !in_batch.contains(&other.id))
                && let Some(owners) = owners.get_mut(sku.as_str())
            {
                owners.push(other.id);
            }
        }
        let is_taken = |sku: &String| owners.get(sku.as_str()).is_some_and(|ids| ids.len() > 1);
        let taken = new.into_iter().filter(|(_, sku)| is_taken(sku));
        Ok(taken.map(|(id, _)| id).collect())
    }

    /// Writes the changes of the only product. Returns it with its variants.
    ///
    /// # Errors
    /// A user error if a concurrent transaction took an SKU.
    pub async fn write_only(
        self,
        transaction: &Transaction,
        by: (Admin, &'static str, Currency),
    ) -> Result<(Model, VariantSet)> {
        let written = self.write(transaction, by).await?.into_iter().next();
        Ok(written.ok_or_else(|| missing_product("productId"))?)
    }

    /// Writes all changes with their audit entries. Returns the products with their variants.
    ///
    /// # Errors
    /// A user error if a concurrent transaction took an SKU.
    pub async fn write(
        mut self,
        transaction: &Transaction,
        (admin, action, currency): (Admin, &'static str, Currency),
    ) -> Result<Vec<(Model, VariantSet)>> {
        let reason = Reason::counted(Some(admin.user()));
        let pairs = self.drafts.iter_mut();
        let mut pairs: Vec<_> = pairs
            .map(|draft| (&draft.before, &mut draft.after))
            .collect();
        set_prior_prices(transaction, &mut pairs, self.now).await?;
        let mut changes = VariantChanges::new(reason, self.now);
        let (mut products, mut reworded, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        let (mut written, mut codes) = (Vec::new(), SearchCodes::new());
        for Draft {
            product: stored,
            before,
            after,
        } in self.drafts
        {
            if before == after {
                written.push((stored, after));
                continue;
            }
            let mut product = stored.clone();
            after.summarize(&mut product);
            product.version += 1;
            product.updated_at = self.now;
            changes.update(&before, &after);
            if before.has_other_search_texts(&after) {
                codes.insert(product.id, after.codes());
                reworded.push(product.clone());
            }
            entries.push(entry(action, &product, (&before, &after), currency));
            products.push(ChangedProduct {
                before: stored,
                after: product.clone(),
            });
            written.push((product, after));
        }
        for changed in &products {
            repository::touch_product(transaction, changed.after.id);
        }
        repository::release_skus(transaction, &products).await?;
        // Before the products: triggers of the migration carry what differs.
        let stored = changes.write(transaction).await;
        stored.map_err(map_unique_violation)?;
        repository::save_many(transaction, products).await?;
        repository::index_many(transaction, &reworded, codes).await?;
        audit::record(transaction, Actor::Admin(admin), entries, self.now).await?;
        Ok(written)
    }
}

/// The error of a variant whose SKU another variant has.
pub fn taken(prefix: &str) -> UserError {
    let error = sku_taken();
    UserError {
        field: Some(format!("{prefix}sku")),
        ..error
    }
}
