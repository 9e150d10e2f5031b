//! Values of attributes of the products of a batch.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::lookup::ImportBatch;
use crate::catalog::attribute::AttributeId;
use crate::catalog::attribute::entity::Owner;
use crate::catalog::attribute::repository::replace_values;
use crate::catalog::attribute::service::{Assigned, map_missing, of_owners, to_rows};
use crate::catalog::product::entity::Model;
use crate::catalog::product::repository::{self, SearchCodes};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::infra::database::Transaction;

/// Values to write after the products of a batch.
#[derive(Debug)]
pub struct AttributeWrites {
    now: Timestamp,
    changed: HashMap<(Uuid, AttributeId), Assigned>,
    /// Products that are found by other texts.
    reworded: Vec<Model>,
}

impl ImportBatch {
    /// Compares the values of products, given by their index in the batch, with the stored ones. Increases the version of
    /// those that change. Returns their indexes, and what [`AttributeWrites::write`] writes.
    pub async fn assign(
        &mut self,
        transaction: &Transaction,
        assigned: Vec<(usize, Vec<Assigned>)>,
    ) -> Result<(HashSet<usize>, AttributeWrites)> {
        let assigned: Vec<_> = assigned
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .collect();
        let ids = assigned.iter().map(|(index, _)| self.id(*index).into());
        let ids: Vec<(Uuid, Uuid)> = ids.map(|id| (id, id)).collect();
        let stored = of_owners(transaction, Owner::Product, &ids).await?;
        let (mut indexes, mut changed) = (HashSet::new(), HashMap::new());
        for (index, values) in assigned {
            let id: Uuid = self.id(index).into();
            let before = stored.get(&id).map_or(&[][..], Vec::as_slice);
            for new in values {
                let mut old = before.iter();
                let old = old.find(|old| old.attribute.id == new.attribute.id);
                let key = (id, new.attribute.id);
                // A later row of the file replaces the values of an earlier one.
                if old.map_or(&[][..], |old| &old.values) == new.values {
                    changed.remove(&key);
                } else {
                    indexes.insert(index);
                    changed.insert(key, new);
                }
            }
        }
        let mut reworded = Vec::new();
        for index in &indexes {
            self.batch.mark_changed(*index);
            let product = &self.batch.get(*index).product;
            let mut own = changed.iter().filter(|((id, _), _)| *id == product.id.0);
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
        let replaced: Vec<_> = self.changed.keys().copied().collect();
        let products: HashSet<_> = replaced.iter().map(|(id, _)| *id).collect();
        let products: Vec<_> = products.into_iter().collect();
        let rows = self.changed.iter();
        let rows = rows.flat_map(|((id, _), new)| to_rows(Owner::Product, *id, new, self.now));
        let change = (Owner::Product, replaced.as_slice());
        let written = replace_values(transaction, change, rows.collect(), &products).await;
        written.map_err(|error| map_missing(error, "attributes"))?;
        let codes = SearchCodes::new();
        repository::index_many(transaction, &self.reworded, codes).await?;
        Ok(())
    }
}
