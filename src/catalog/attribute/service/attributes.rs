//! Creates, updates, reorders and deletes attributes.

use std::collections::HashSet;

use super::row::{self, check_code, check_name, free_code};
use super::{MAX_ATTRIBUTES, entry};
use crate::catalog::attribute::entity::{AttributeId, Kind, Model, Owner};
use crate::catalog::attribute::repository;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::{Database, Transaction};
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

const NOUN: &str = "attribute";
/// The maximum length of a unit in characters.
const MAX_UNIT: usize = 20;

/// The fields of an attribute as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct AttributeInput {
    pub name: Patch<String>,
    pub code: Patch<String>,
    pub unit: Patch<String>,
    pub searchable: Patch<bool>,
    pub filterable: Patch<bool>,
}

/// The fields of an attribute that can't be changed, because its values depend on them.
#[derive(Clone, Copy, Debug)]
pub struct AttributeFields {
    pub kind: Kind,
    pub owner: Owner,
    pub multiple: bool,
}

struct Checked {
    name: Option<String>,
    code: Option<String>,
    unit: Patch<String>,
    searchable: Option<bool>,
    filterable: Option<bool>,
}

impl AttributeInput {
    fn check(self, validator: &mut Validator, kind: Option<Kind>) -> Checked {
        let name = validator.required("name", self.name);
        let name = name.and_then(|name| validator.check("name", check_name(&name)));
        let code = validator.required("code", self.code);
        let code = code.and_then(|code| validator.check("code", check_code(&code)));
        let unit = validator.patch("unit", self.unit, |unit| text::check_line(&unit, MAX_UNIT));
        if matches!(unit, Patch::Set(_)) && kind.is_some_and(|kind| kind != Kind::Number) {
            validator.check::<()>("unit", Err("Only numbers have a unit."));
        }
        Checked {
            name,
            code,
            unit,
            searchable: validator.required("searchable", self.searchable),
            filterable: validator.required("filterable", self.filterable),
        }
    }
}

/// Creates an attribute, after all others.
///
/// # Errors
/// Invalid fields, a code that is taken, too many attributes.
pub async fn create(
    state: &State,
    admin: Admin,
    input: AttributeInput,
    fields: AttributeFields,
) -> Result<Model> {
    let mut validator = Validator::default();
    let checked = input.check(&mut validator, Some(fields.kind));
    if fields.multiple && !fields.kind.may_be_multiple() {
        let message = "Only choices and references can be multiple.";
        validator.check::<()>("multiple", Err(message));
    }
    let (Some(name), true) = (checked.name, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let others = repository::attributes(&transaction).await?;
    if others.len() >= MAX_ATTRIBUTES {
        let message = format!("A shop has at most {MAX_ATTRIBUTES} attributes.");
        return Err(row::full(message).into());
    }
    let is_taken = |code: &str| others.iter().any(|other| other.code == code);
    let code = match checked.code {
        Some(code) if is_taken(&code) => return Err(row::taken("code", NOUN).into()),
        Some(code) => code,
        None => free_code(&name, NOUN, is_taken),
    };
    let position = others.iter().map(|other| other.position + 1).max();
    let attribute = Model {
        id: AttributeId::generate(now),
        name,
        code,
        kind: fields.kind,
        owner: fields.owner,
        unit: checked.unit.apply_to(None),
        multiple: fields.multiple,
        searchable: checked.searchable.unwrap_or_default(),
        filterable: checked.filterable.unwrap_or_default(),
        position: position.unwrap_or_default(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    repository::insert_attributes(&transaction, vec![attribute.clone()]).await?;
    let entries = [entry::of_attribute(
        "createAttribute",
        None,
        Some(&attribute),
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(attribute)
}

/// Updates an attribute. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid fields, a code that is taken, or a version that is not the expected one.
pub async fn update(
    state: &State,
    admin: Admin,
    (id, expected_version): (AttributeId, Option<i32>),
    input: AttributeInput,
) -> Result<Model> {
    let mut validator = Validator::default();
    let checked = input.check(&mut validator, None);
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let before = repository::lock_attribute(&transaction, id).await?;
    let before = row::expect(before, |row| row.version, expected_version, NOUN)?;
    let mut after = before.clone();
    after.name = checked.name.unwrap_or(after.name);
    after.code = checked.code.unwrap_or(after.code);
    after.unit = checked.unit.apply_to(after.unit);
    after.searchable = checked.searchable.unwrap_or(after.searchable);
    after.filterable = checked.filterable.unwrap_or(after.filterable);
    if after.unit.is_some() && after.kind != Kind::Number {
        let message = "Only numbers have a unit.";
        return Err(UserError::new(UserErrorCode::BadUserInput, "unit", message).into());
    }
    if after == before {
        return Ok(before);
    }
    let codes = [after.code.clone()];
    let others = repository::find_by_codes(&transaction, &codes).await?;
    if others.iter().any(|other| other.id != id) {
        return Err(row::taken("code", NOUN).into());
    }
    after.version += 1;
    after.updated_at = now;
    repository::update_attributes(&transaction, vec![after.clone()]).await?;
    if after.searchable != before.searchable || (after.searchable && after.unit != before.unit) {
        let products = repository::products_with_attribute(id);
        repository::reindex(&transaction, products).await?;
    }
    let change = (Some(&before), Some(&after));
    let entries = [entry::of_attribute("updateAttribute", change.0, change.1)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes an attribute with its choices and the values of all products and variants.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if the version is not the expected one.
pub async fn delete(
    state: &State,
    admin: Admin,
    id: AttributeId,
    expected_version: Option<i32>,
) -> Result<Model> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let found = repository::lock_attribute(&transaction, id).await?;
    let attribute = row::expect(found, |row| row.version, expected_version, NOUN)?;
    if attribute.searchable {
        // Before the values are gone that lead to the products.
        let products = repository::products_with_attribute(id);
        repository::reindex(&transaction, products).await?;
    }
    repository::delete_attribute(&transaction, id).await?;
    let entries = [entry::of_attribute(
        "deleteAttribute",
        Some(&attribute),
        None,
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(attribute)
}

/// Puts all attributes in a new order. Returns them.
///
/// # Errors
/// `CONFLICT` unless the order contains each attribute exactly once.
pub async fn reorder(state: &State, admin: Admin, order: &[AttributeId]) -> Result<Vec<Model>> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let before = repository::attributes(&transaction).await?;
    let distinct: HashSet<_> = order.iter().collect();
    let is_complete = distinct.len() == order.len()
        && order.len() == before.len()
        && before.iter().all(|row| distinct.contains(&row.id));
    if !is_complete {
        let message = "`attributeIds` must contain each attribute exactly once.";
        return Err(UserError::new(UserErrorCode::Conflict, "attributeIds", message).into());
    }
    let mut after = before.clone();
    after.sort_by_key(|row| order.iter().position(|id| *id == row.id));
    let mut moved = Vec::new();
    for (attribute, position) in after.iter_mut().zip(0..) {
        if attribute.position != position {
            attribute.position = position;
            attribute.version += 1;
            attribute.updated_at = now;
            moved.push(attribute.clone());
        }
    }
    if moved.is_empty() {
        return Ok(after);
    }
    repository::update_attributes(&transaction, moved).await?;
    let entries = [entry::of_order("reorderAttributes", &before, &after)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Serializes the changes of attributes until the transaction ends.
pub(super) async fn lock(transaction: &Transaction) -> Result<()> {
    Ok(Database::lock(transaction, "attributes").await?)
}
