//! What a transaction writes to variants, collected for any number of products.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub use super::reason::{Reason, check_note};
use super::set::VariantSet;
use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::stock::movement::{self, MovementId};
use crate::catalog::product::entity::variant::{
    Model, OptionId, ValueId, VariantId, price_history, variant_value,
};
use crate::catalog::product::repository::variants::{self as repository, Rows, StockedVariant};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{TypedId, uuid_v7};
use crate::infra::database::{DbError, Transaction};

/// The time before a reduction of a price whose lowest price is announced with it: Directive 2019/2161/EU, article 2,
/// amending Directive 98/6/EC (article 6a).
const PRIOR_PRICE_PERIOD: Duration = Duration::from_hours(30 * 24);

/// Rows to insert, to update and to delete.
#[derive(Debug)]
pub struct VariantChanges {
    now: Timestamp,
    reason: Reason,
    inserted: Rows,
    updated: Rows,
    /// Stored variants with another SKU or combination.
    rekeyed: Vec<VariantId>,
    deleted: Vec<VariantId>,
    deleted_options: Vec<OptionId>,
    deleted_values: Vec<ValueId>,
}

impl VariantChanges {
    pub fn new(reason: Reason, now: Timestamp) -> Self {
        Self {
            now,
            reason,
            inserted: Rows::default(),
            updated: Rows::default(),
            rekeyed: Vec::new(),
            deleted: Vec::new(),
            deleted_options: Vec::new(),
            deleted_values: Vec::new(),
        }
    }

    /// Adds the variants of a new product.
    pub fn create(&mut self, set: &VariantSet) {
        self.update(&VariantSet::default(), set);
    }

    /// Adds the differences between the stored variants of a product and the new ones.
    pub fn update(&mut self, before: &VariantSet, after: &VariantSet) {
        self.update_options(before, after);
        let stored: HashMap<_, _> = before
            .variants
            .iter()
            .map(|stored| (stored.0.id, stored))
            .collect();
        for next in &after.variants {
            match stored.get(&next.0.id) {
                Some(stored) => self.update_variant(stored, next, after),
                None => self.insert_variant(next, after),
            }
        }
        let kept: HashSet<_> = after.variants.iter().map(|(row, _)| row.id).collect();
        for (row, level) in &before.variants {
            if !kept.contains(&row.id) {
                self.deleted.push(row.id);
                self.move_stock(row.id, -level.on_hand);
            }
        }
    }

    /// Adds a change of a stock level.
    pub fn update_level(&mut self, before: &level::Model, after: &level::Model) {
        self.updated.levels.push(*after);
        self.move_stock(after.variant_id, after.on_hand - before.on_hand);
    }

    fn update_options(&mut self, before: &VariantSet, after: &VariantSet) {
        let stored: HashMap<_, _> = before
            .options
            .iter()
            .map(|option| (option.row.id, option))
            .collect();
        let stored_values: HashMap<_, _> = before
            .options
            .iter()
            .flat_map(|option| &option.values)
            .map(|value| (value.id, value))
            .collect();
        for option in &after.options {
            let known = stored.get(&option.row.id);
            match known {
                None => self.inserted.options.push(option.row.clone()),
                Some(known) if known.row != option.row => {
                    self.updated.options.push(option.row.clone());
                }
                Some(_) => {}
            }
            for value in &option.values {
                match stored_values.get(&value.id) {
                    None => self.inserted.values.push(value.clone()),
                    Some(known) if *known != value => self.updated.values.push(value.clone()),
                    Some(_) => {}
                }
            }
        }
        let is_kept = |id: OptionId| after.options.iter().any(|option| option.row.id == id);
        let kept_values: HashSet<_> = after
            .options
            .iter()
            .flat_map(|option| &option.values)
            .map(|value| value.id)
            .collect();
        for option in &before.options {
            if !is_kept(option.row.id) {
                self.deleted_options.push(option.row.id);
                continue;
            }
            let gone = option.values.iter().map(|value| value.id);
            self.deleted_values
                .extend(gone.filter(|value| !kept_values.contains(value)));
        }
    }

    fn insert_variant(&mut self, (row, level): &StockedVariant, set: &VariantSet) {
        self.inserted.variants.push(row.clone());
        self.inserted.levels.push(*level);
        self.inserted.links.extend(links(row, set));
        self.inserted.prices.push(self.price(row));
        self.move_stock(row.id, level.on_hand);
    }

    fn update_variant(&mut self, stored: &StockedVariant, next: &StockedVariant, set: &VariantSet) {
        let (row, level) = next;
        if stored.0 != *row {
            self.updated.variants.push(row.clone());
        }
        if (&stored.0.sku, &stored.0.combination) != (&row.sku, &row.combination) {
            self.rekeyed.push(row.id);
        }
        if stored.0.combination != row.combination {
            self.updated.links.extend(links(row, set));
        }
        if (stored.0.price, stored.0.compare_at_price) != (row.price, row.compare_at_price) {
            self.inserted.prices.push(self.price(row));
        }
        if stored.1 != *level {
            self.update_level(&stored.1, level);
        }
    }

    fn price(&self, row: &Model) -> price_history::Model {
        price_history::Model {
            id: uuid_v7(self.now),
            variant_id: row.id,
            since: self.now,
            price: row.price,
            compare_at_price: row.compare_at_price,
        }
    }

    fn move_stock(&mut self, variant: VariantId, delta: i64) {
        if delta == 0 {
            return;
        }
        self.inserted.movements.push(movement::Model {
            id: MovementId::generate(self.now),
            variant_id: variant,
            kind: self.reason.kind,
            on_hand_delta: delta,
            reserved_delta: 0,
            order_id: None,
            actor_id: self.reason.actor,
            note: self.reason.note.clone(),
            at: self.now,
        });
    }

    /// Writes everything. The products are stored, and the caller has touched them.
    ///
    /// # Errors
    /// Violated constraints as the database returns them.
    pub async fn write(self, transaction: &Transaction) -> Result<(), DbError> {
        // Deleted ones first: they give up SKUs, names and combinations that others take.
        if !self.deleted.is_empty() {
            repository::delete(transaction, &self.deleted).await?;
        }
        if !self.deleted_options.is_empty() {
            repository::delete_options(transaction, &self.deleted_options).await?;
        }
        if !self.deleted_values.is_empty() {
            repository::delete_values(transaction, &self.deleted_values).await?;
        }
        // New options before the variants that have them.
        let Rows {
            options, values, ..
        } = self.inserted;
        let inserted = Rows {
            options: Vec::new(),
            values: Vec::new(),
            ..self.inserted
        };
        let definitions = Rows {
            options,
            values,
            ..Rows::default()
        };
        repository::insert(transaction, definitions).await?;
        if self.rekeyed.len() > 1 {
            repository::release_keys(transaction, &self.rekeyed).await?;
        }
        repository::update(transaction, self.updated).await?;
        repository::insert(transaction, inserted).await
    }
}

/// Returns the rows that link a variant with its values.
fn links(row: &Model, set: &VariantSet) -> Vec<variant_value::Model> {
    let link = |value: ValueId| {
        Some(variant_value::Model {
            variant_id: row.id,
            option_id: set.option_of(value)?.row.id,
            value_id: value,
        })
    };
    row.values().filter_map(link).collect()
}

/// Sets the prior price of variants whose price changes: the lowest of the 30 days before a reduction.
pub async fn set_prior_prices(
    transaction: &Transaction,
    pairs: &mut [(&VariantSet, &mut VariantSet)],
    now: Timestamp,
) -> Result<()> {
    let mut lowered = HashSet::new();
    for (before, after) in pairs.iter_mut() {
        let stored = before.variants.iter();
        let stored: HashMap<_, _> = stored.map(|(row, _)| (row.id, row.price)).collect();
        for (row, _) in &mut after.variants {
            match stored.get(&row.id) {
                Some(price) if row.price < *price => {
                    lowered.insert(row.id);
                }
                Some(price) if row.price > *price => row.prior_price = None,
                _ => {}
            }
        }
    }
    if lowered.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = lowered.iter().copied().collect();
    let since = now.before(PRIOR_PRICE_PERIOD);
    let lowest = repository::lowest_prices(transaction, &ids, since).await?;
    let lowest: HashMap<_, _> = lowest.into_iter().collect();
    for (_, after) in pairs {
        let rows = after.variants.iter_mut().map(|(row, _)| row);
        for row in rows.filter(|row| lowered.contains(&row.id)) {
            row.prior_price = lowest.get(&row.id).copied();
        }
    }
    Ok(())
}
