//! Setting the values that a product or a variant has of attributes.

use std::collections::HashSet;

use uuid::Uuid;

use super::rules;
use super::variants::StockedVariant;
use crate::catalog::attribute::AttributeId;
use crate::catalog::attribute::entity::Owner;
use crate::catalog::attribute::repository::replace_values;
use crate::catalog::attribute::service::{
    self as attribute, Assigned, MAX_ASSIGNED, Typed, ValueInput, check_values, map_missing,
    of_owners, text_of, to_rows,
};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::repository::variants::{self, Rows};
use crate::catalog::product::repository::{self, ChangedProduct, SearchCodes};
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::viewer::{Admin, Audience};
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// The product or variant whose values change.
#[derive(Clone, Copy, Debug)]
pub enum AttributeTarget {
    Product(ProductId),
    Variant(VariantId),
}

/// The values of a product or a variant that change.
#[derive(Debug)]
pub(super) struct AttributeChange {
    owner: Owner,
    id: Uuid,
    before: Vec<Assigned>,
    /// Only attributes whose values change.
    after: Vec<Assigned>,
}

impl AttributeChange {
    /// Compares new values with the stored ones. `None` if none changes. `field` is the path of the list.
    ///
    /// # Errors
    /// Each invalid value; values of too many attributes.
    pub(super) async fn prepare(
        transaction: &Transaction,
        (owner, id, product): (Owner, Uuid, ProductId),
        inputs: Vec<ValueInput>,
        field: &str,
    ) -> Result<Option<Self>> {
        let mut after = check_values(transaction, owner, inputs, field).await?;
        let stored = of_owners(transaction, owner, &[(id, product.into())]).await?;
        let before = stored.into_values().next().unwrap_or_default();
        let is_stored = |new: &Assigned| {
            let mut stored = before.iter();
            let stored = stored.find(|old| old.attribute.id == new.attribute.id);
            stored.map_or(&[][..], |old| &old.values) == new.values
        };
        after.retain(|new| !is_stored(new));
        if after.is_empty() {
            return Ok(None);
        }
        let assigned = before.iter().map(|old| old.attribute.id);
        let mut assigned: HashSet<AttributeId> = assigned.collect();
        for new in &after {
            if new.values.is_empty() {
                assigned.remove(&new.attribute.id);
            } else {
                assigned.insert(new.attribute.id);
            }
        }
        if assigned.len() > MAX_ASSIGNED {
            let message = format!("Values of at most {MAX_ASSIGNED} attributes are allowed.");
            return Err(UserError::new(UserErrorCode::BadUserInput, field, message).into());
        }
        Ok(Some(Self {
            owner,
            id,
            before,
            after,
        }))
    }

    /// Whether the product is found by other texts.
    pub(super) fn is_searchable(&self) -> bool {
        self.after.iter().any(|new| new.attribute.searchable)
    }

    /// Writes the values. The search index is up to the caller.
    pub(super) async fn write(
        &self,
        transaction: &Transaction,
        product: ProductId,
        field: &str,
        now: Timestamp,
    ) -> Result<()> {
        let replaced = self.after.iter().map(|new| (self.id, new.attribute.id));
        let replaced: Vec<_> = replaced.collect();
        let rows = self.after.iter();
        let rows = rows.flat_map(|new| to_rows(self.owner, self.id, new, now));
        let change = (self.owner, replaced.as_slice());
        let written = replace_values(transaction, change, rows.collect(), &[product.into()]).await;
        written.map_err(|error| map_missing(error, field))
    }

    /// Adds the changes to an audit entry.
    pub(super) async fn describe(
        &self,
        transaction: &Transaction,
        mut entry: Entry,
    ) -> Result<Entry> {
        let all = self.before.iter().chain(&self.after);
        let choices = all
            .flat_map(|one| &one.values)
            .filter_map(|value| match value {
                Typed::Choice(id) => Some(*id),
                _ => None,
            });
        let choices: Vec<_> = choices.collect();
        let choices = attribute::find_choices(transaction, &choices).await?;
        for new in &self.after {
            let mut stored = self.before.iter();
            let stored = stored.find(|old| old.attribute.id == new.attribute.id);
            let before = stored.and_then(|old| text_of(&old.values, &choices));
            let after = text_of(&new.values, &choices);
            let field = format!("attributes.{}", new.attribute.code);
            entry = entry.change_text(&field, before.as_deref(), after.as_deref());
        }
        Ok(entry)
    }
}

/// New values of a product that is created or updated.
#[derive(Debug)]
pub(super) struct AttributeValues(Option<AttributeChange>);

impl AttributeValues {
    /// The field of the inputs.
    const FIELD: &str = "attributes";

    /// Compares new values of a product with the stored ones.
    ///
    /// # Errors
    /// Each invalid value; values of too many attributes.
    pub(super) async fn prepare(
        transaction: &Transaction,
        product: &Model,
        inputs: Vec<ValueInput>,
    ) -> Result<Self> {
        if inputs.is_empty() {
            return Ok(Self(None));
        }
        let owner = (Owner::Product, product.id.into(), product.id);
        let change = AttributeChange::prepare(transaction, owner, inputs, Self::FIELD).await?;
        Ok(Self(change))
    }

    /// Whether no value changes.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds the changes to the audit entry of the product.
    pub(super) async fn describe(
        &self,
        transaction: &Transaction,
        mut entries: Vec<Entry>,
    ) -> Result<Vec<Entry>> {
        if let Some(change) = &self.0
            && let Some(entry) = entries.pop()
        {
            entries.push(change.describe(transaction, entry).await?);
        }
        Ok(entries)
    }

    /// Writes the values, after the product.
    pub(super) async fn write(
        &self,
        transaction: &Transaction,
        product: &Model,
        now: Timestamp,
    ) -> Result<()> {
        let Some(change) = &self.0 else { return Ok(()) };
        let id = product.id;
        change.write(transaction, id, Self::FIELD, now).await?;
        if change.is_searchable() {
            let products = std::slice::from_ref(product);
            repository::index_many(transaction, products, SearchCodes::new()).await?;
        }
        Ok(())
    }
}

const FIELD: &str = "values";

/// Replaces the values of the named attributes of a product or a variant. Values that stay the same increase no version.
/// Returns the product, and the variant.
///
/// # Errors
/// Invalid values, `NOT_FOUND`, or `CONFLICT` if the version of the product or variant is not the expected one.
pub async fn set_attributes(
    state: &State,
    admin: Admin,
    target: AttributeTarget,
    expected_version: Option<i32>,
    inputs: Vec<ValueInput>,
) -> Result<(Model, Option<StockedVariant>)> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (product, variant) = lock_target(&transaction, target).await?;
    let version = variant
        .as_ref()
        .map_or(product.version, |(row, _)| row.version);
    if expected_version.is_some_and(|expected| expected != version) {
        return Err(UserError::stale(version).into());
    }
    let owner = match &variant {
        Some((row, _)) => (Owner::Variant, row.id.into(), product.id),
        None => (Owner::Product, product.id.into(), product.id),
    };
    let change = AttributeChange::prepare(&transaction, owner, inputs, FIELD).await?;
    let Some(change) = change else {
        return Ok((product, variant));
    };
    change.write(&transaction, product.id, FIELD, now).await?;
    let mut after = product.clone();
    after.version += 1;
    after.updated_at = now;
    let entry = match target {
        AttributeTarget::Product(id) => Entry::new("setProductAttributes").about(id),
        AttributeTarget::Variant(id) => Entry::new("setVariantAttributes").about(id),
    };
    let entry = entry.called(&product.name);
    let entry = change.describe(&transaction, entry).await?;
    let variant = variant.map(|(mut row, level)| {
        row.version += 1;
        row.updated_at = now;
        (row, level)
    });
    if let Some((row, _)) = &variant {
        let rows = Rows {
            variants: vec![row.clone()],
            ..Rows::default()
        };
        variants::update(&transaction, rows).await?;
    }
    let changed = ChangedProduct {
        before: product,
        after: after.clone(),
    };
    repository::save_many(&transaction, vec![changed]).await?;
    if change.is_searchable() {
        let products = std::slice::from_ref(&after);
        repository::index_many(&transaction, products, SearchCodes::new()).await?;
    }
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok((after, variant))
}

/// Returns the product and the variant, locked against changes until the transaction ends.
async fn lock_target(
    transaction: &Transaction,
    target: AttributeTarget,
) -> Result<(Model, Option<StockedVariant>)> {
    let missing = |field, noun| {
        let message = format!("There is no such {noun}.");
        UserError::new(UserErrorCode::NotFound, field, message)
    };
    let variant = match target {
        AttributeTarget::Product(id) => {
            let product = repository::lock(transaction, id).await?;
            return Ok((
                product.ok_or_else(|| missing("productId", "product"))?,
                None,
            ));
        }
        AttributeTarget::Variant(id) => id,
    };
    let found = variants::find(transaction, variant).await?;
    let found = found.ok_or_else(|| missing("variantId", "variant"))?;
    let product = rules::lock(transaction, found.product_id, None).await?;
    // Read again: it may have changed before the product was locked.
    let found = variants::find_many(transaction, Audience::Staff, &[variant]).await?;
    let found = found.into_iter().next();
    let found = found.ok_or_else(|| missing("variantId", "variant"))?;
    Ok((product, Some(found)))
}
