//! Values of attributes of the products of a batch and their variants.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::lookup::ImportBatch;
use crate::catalog::attribute::AttributeId;
use crate::catalog::attribute::entity::Owner;
use crate::catalog::attribute::repository::replace_values;
use crate::catalog::attribute::service::{Assigned, map_missing, of_owners, to_rows};
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::entity::{Model, ProductId};
use crate::catalog::product::repository::{self, SearchCodes};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;

/// New values of an attribute of a product or a variant.
#[derive(Debug)]
pub struct OwnedValue {
    /// The index of the product in the batch.
    pub product: usize,
    /// The product or the variant, which the attribute decides.
    pub id: Uuid,
    pub value: Assigned,
}

/// Values to write after the products of a batch.
#[derive(Debug)]
pub struct AttributeWrites {
    now: Timestamp,
    /// With the product.
    changed: HashMap<(Uuid, AttributeId), (ProductId, Assigned)>,
    /// Products that are found by other texts.
    reworded: Vec<Model>,
}

impl ImportBatch {
    /// Compares values with the stored ones. Increases the version of the products whose values change. Returns their indexes,
    /// and what [`AttributeWrites::write`] writes.
    pub async fn assign(
        &mut self,
        transaction: &Transaction,
        assigned: Vec<OwnedValue>,
    ) -> Result<(HashSet<usize>, AttributeWrites)> {
        let mut stored = HashMap::new();
        for owner in [Owner::Product, Owner::Variant] {
            let owned = assigned.iter();
            let owned = owned.filter(|one| one.value.attribute.owner == owner);
            let ids: HashSet<_> = owned
                .map(|one| (one.id, self.id(one.product).into()))
                .collect();
            if !ids.is_empty() {
                let ids: Vec<_> = ids.into_iter().collect();
                let found = of_owners(transaction, owner, &ids).await?;
                let values = found.into_iter().flat_map(|(id, values)| {
                    let keyed = values.into_iter();
                    keyed.map(move |one| ((id, one.attribute.id), one.values))
                });
                stored.extend(values);
            }
        }
        let (mut indexes, mut changed) = (HashSet::new(), HashMap::new());
        for OwnedValue { product, id, value } in assigned {
            let key = (id, value.attribute.id);
            // A later row of the file replaces the values of an earlier one.
            if stored.get(&key).map_or(&[][..], Vec::as_slice) == value.values {
                changed.remove(&key);
            } else {
                indexes.insert(product);
                changed.insert(key, (self.id(product), value));
            }
        }
        let mut reworded = Vec::new();
        for index in &indexes {
            self.batch.mark_changed(*index);
            let product = &self.batch.get(*index).product;
            let mut own = changed.values().filter(|(id, _)| *id == product.id);
            if own.any(|(_, new)| new.attribute.searchable) {
                reworded.push(product.clone());
            }
        }
        let writes = AttributeWrites {
            now: self.batch.now,
            changed,
            reworded,
        };
        Ok((indexes, writes))
    }
}

impl AttributeWrites {
    /// Writes the values, after the products.
    ///
    /// # Errors
    /// An attribute, a choice or a referenced object was deleted meanwhile.
    pub async fn write(self, transaction: &Transaction) -> Result<()> {
        if self.changed.is_empty() {
            return Ok(());
        }
        for owner in [Owner::Product, Owner::Variant] {
            let own = self.changed.iter();
            let own = own.filter(|(_, (_, new))| new.attribute.owner == owner);
            let own: Vec<_> = own.collect();
            if own.is_empty() {
                continue;
            }
            let replaced: Vec<_> = own.iter().map(|(key, _)| **key).collect();
            let products: HashSet<Uuid> = own.iter().map(|(_, (id, _))| (*id).into()).collect();
            let products: Vec<_> = products.into_iter().collect();
            let rows = own.iter();
            let rows = rows.flat_map(|((id, _), (_, new))| to_rows(owner, *id, new, self.now));
            let change = (owner, replaced.as_slice());
            let written = replace_values(transaction, change, rows.collect(), &products).await;
            written.map_err(|error| map_missing(error, "attributes"))?;
            if owner == Owner::Variant {
                let ids = replaced.iter().map(|(id, _)| VariantId(*id)).collect();
                repository::variants::mark_changed(transaction, ids, self.now).await?;
            }
        }
        let codes = SearchCodes::new();
        repository::index_many(transaction, &self.reworded, codes).await?;
        Ok(())
    }
}
