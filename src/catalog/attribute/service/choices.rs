//! Creates, updates, reorders and deletes the choices of attributes.

use std::collections::HashSet;

use super::attributes::lock;
use super::row::{self, check_code, check_name, free_code};
use super::{MAX_CHOICES, entry};
use crate::catalog::attribute::entity::choice::Model;
use crate::catalog::attribute::entity::{AttributeId, ChoiceId, Kind, Model as Attribute};
use crate::catalog::attribute::repository;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

const NOUN: &str = "choice";

/// The fields of a choice as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct ChoiceInput {
    pub name: Patch<String>,
    pub code: Patch<String>,
    pub swatch: Patch<String>,
}

struct Checked {
    name: Option<String>,
    code: Option<String>,
    swatch: Patch<String>,
}

impl ChoiceInput {
    fn check(self, validator: &mut Validator) -> Checked {
        let name = validator.required("name", self.name);
        let name = name.and_then(|name| validator.check("name", check_name(&name)));
        let code = validator.required("code", self.code);
        let code = code.and_then(|code| validator.check("code", check_code(&code)));
        let swatch = validator.patch("swatch", self.swatch, |color| check_swatch(&color));
        Checked { name, code, swatch }
    }
}

/// Validates a color: `#rrggbb`.
fn check_swatch(color: &str) -> Result<String, &'static str> {
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(color.to_ascii_lowercase())
    } else {
        Err("A color must have the form #rrggbb.")
    }
}

/// Creates a choice of an attribute, after the others.
///
/// # Errors
/// Invalid fields, an attribute without choices, a name or a code that is taken, too many choices.
pub async fn create_choice(
    state: &State,
    admin: Admin,
    attribute: AttributeId,
    input: ChoiceInput,
) -> Result<Model> {
    let mut validator = Validator::default();
    let checked = input.check(&mut validator);
    let (Some(name), true) = (checked.name, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let attribute = lock_attribute(&transaction, attribute).await?;
    let others = repository::choices_of(&transaction, &[attribute.id]).await?;
    if others.len() >= MAX_CHOICES {
        let message = format!("An attribute has at most {MAX_CHOICES} choices.");
        return Err(row::full(message).into());
    }
    let is_taken = |code: &str| others.iter().any(|other| other.code == code);
    let position = others.iter().map(|other| other.position + 1).max();
    let choice = Model {
        id: ChoiceId::generate(now),
        attribute_id: attribute.id,
        name_key: text::sort_key(&name),
        code: match checked.code {
            Some(code) => code,
            None => free_code(&name, NOUN, is_taken),
        },
        name,
        swatch: checked.swatch.apply_to(None),
        position: position.unwrap_or_default(),
        version: 1,
    };
    check_unique(&choice, &others)?;
    repository::insert_choices(&transaction, vec![choice.clone()]).await?;
    let change = (None, Some(&choice));
    let entries = [entry::of_choice(
        "createAttributeChoice",
        &attribute,
        change,
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(choice)
}

/// Updates a choice. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid fields, a name or a code that is taken, or a version that is not the expected one.
pub async fn update_choice(
    state: &State,
    admin: Admin,
    (id, expected_version): (ChoiceId, Option<i32>),
    input: ChoiceInput,
) -> Result<Model> {
    let mut validator = Validator::default();
    let checked = input.check(&mut validator);
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (attribute, before) = find(&transaction, id, expected_version).await?;
    let mut after = before.clone();
    after.name = checked.name.unwrap_or(after.name);
    after.name_key = text::sort_key(&after.name);
    after.code = checked.code.unwrap_or(after.code);
    after.swatch = checked.swatch.apply_to(after.swatch);
    if after == before {
        return Ok(before);
    }
    let others = repository::choices_of(&transaction, &[attribute.id]).await?;
    check_unique(&after, &others)?;
    after.version += 1;
    repository::update_choices(&transaction, vec![after.clone()]).await?;
    if attribute.searchable && after.name != before.name {
        let products = repository::products_with_choice(id);
        repository::reindex(&transaction, products).await?;
    }
    let change = (Some(&before), Some(&after));
    let entries = [entry::of_choice(
        "updateAttributeChoice",
        &attribute,
        change,
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a choice: products and variants lose it.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if the version is not the expected one.
pub async fn delete_choice(
    state: &State,
    admin: Admin,
    id: ChoiceId,
    expected_version: Option<i32>,
) -> Result<Model> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (attribute, choice) = find(&transaction, id, expected_version).await?;
    if attribute.searchable {
        // Before the values are gone that lead to the products.
        let products = repository::products_with_choice(id);
        repository::reindex(&transaction, products).await?;
    }
    repository::delete_choice(&transaction, id).await?;
    let change = (Some(&choice), None);
    let entries = [entry::of_choice(
        "deleteAttributeChoice",
        &attribute,
        change,
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(choice)
}

/// Puts the choices of an attribute in a new order. Returns the attribute.
///
/// # Errors
/// `CONFLICT` unless the order contains each choice of the attribute exactly once.
pub async fn reorder_choices(
    state: &State,
    admin: Admin,
    attribute: AttributeId,
    order: &[ChoiceId],
) -> Result<Attribute> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let attribute = lock_attribute(&transaction, attribute).await?;
    let before = repository::choices_of(&transaction, &[attribute.id]).await?;
    let distinct: HashSet<_> = order.iter().collect();
    let is_complete = distinct.len() == order.len()
        && order.len() == before.len()
        && before.iter().all(|row| distinct.contains(&row.id));
    if !is_complete {
        let message = "`choiceIds` must contain each choice of the attribute exactly once.";
        return Err(UserError::new(UserErrorCode::Conflict, "choiceIds", message).into());
    }
    let mut after = before.clone();
    after.sort_by_key(|row| order.iter().position(|id| *id == row.id));
    let mut moved = Vec::new();
    for (choice, position) in after.iter_mut().zip(0..) {
        if choice.position != position {
            choice.position = position;
            choice.version += 1;
            moved.push(choice.clone());
        }
    }
    if moved.is_empty() {
        return Ok(attribute);
    }
    repository::update_choices(&transaction, moved).await?;
    let names = |choices: &[Model]| {
        let names = choices.iter().map(|choice| choice.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let change = (names(&before), names(&after));
    let entries = [entry::of_choices(&attribute, change)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(attribute)
}

/// Returns an attribute with choices. Until the transaction ends, others that change its choices wait.
async fn lock_attribute(transaction: &Transaction, id: AttributeId) -> Result<Attribute> {
    lock(transaction).await?;
    let found = repository::lock_attribute(transaction, id).await?;
    let attribute = found.ok_or_else(|| row::missing("attributeId", "attribute"))?;
    if attribute.kind != Kind::Choice {
        let message = "Only attributes of the type CHOICE have choices.";
        return Err(UserError::new(UserErrorCode::BadUserInput, "attributeId", message).into());
    }
    Ok(attribute)
}

async fn find(
    transaction: &Transaction,
    id: ChoiceId,
    expected_version: Option<i32>,
) -> Result<(Attribute, Model)> {
    lock(transaction).await?;
    let found = repository::find_choices(transaction, &[id]).await?.pop();
    let choice = row::expect(found, |row| row.version, expected_version, NOUN)?;
    let attribute = lock_attribute(transaction, choice.attribute_id).await?;
    Ok((attribute, choice))
}

/// Rejects a name and a code that other choices of the attribute have.
fn check_unique(choice: &Model, all: &[Model]) -> Result<()> {
    let mut others = all.iter().filter(|other| other.id != choice.id);
    let mut validator = Validator::default();
    if others
        .clone()
        .any(|other| other.name_key == choice.name_key)
    {
        validator.refuse(row::taken("name", NOUN));
    }
    if others.any(|other| other.code == choice.code) {
        validator.refuse(row::taken("code", NOUN));
    }
    validator.finish()
}
