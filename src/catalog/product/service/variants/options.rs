//! Changing the options of a product and their values.

use std::collections::HashSet;

use super::batch::VariantBatch;
use super::choices::{
    self, MAX_OPTIONS, MAX_VARIANTS, check_option_name, check_value_name, name_key,
};
use super::set::{ProductOption, VariantSet};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::variant::{OptionId, ValueId, combination, option};
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::state::State;

/// An option as a client sends it: an existing one with its ID, a new one without.
#[derive(Clone, Debug)]
pub struct OptionInput {
    pub id: Option<String>,
    pub name: String,
    pub values: Vec<ValueInput>,
}

/// A value as a client sends it: an existing one with its ID, a new one without.
#[derive(Clone, Debug)]
pub struct ValueInput {
    pub id: Option<String>,
    pub name: String,
    /// Null clears the color of an existing value.
    pub swatch: Patch<String>,
}

struct CheckedOption {
    id: Option<OptionId>,
    name: String,
    values: Vec<CheckedValue>,
}

struct CheckedValue {
    id: Option<ValueId>,
    name: String,
    swatch: Patch<String>,
}

/// Checks new options. `field` is the path of the list.
fn check(validator: &mut Validator, field: &str, options: Vec<OptionInput>) -> Vec<CheckedOption> {
    if options.len() > MAX_OPTIONS {
        validator.check::<()>(field, Err("A product has at most 3 options."));
        return Vec::new();
    }
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    let mut checked = Vec::new();
    for (index, option) in options.into_iter().enumerate() {
        let path = format!("{field}.{index}");
        let id = option
            .id
            .and_then(|id| validator.id(&format!("{path}.id"), &id));
        if id.is_some_and(|id| !ids.insert(id)) {
            validator.check::<()>(&format!("{path}.id"), Err("The option is listed twice."));
        }
        let name = validator.check(&format!("{path}.name"), check_option_name(&option.name));
        if let Some(name) = &name
            && !names.insert(name_key(name))
        {
            let message = "Another option has this name.";
            validator.check::<()>(&format!("{path}.name"), Err(message));
        }
        let values = check_values(validator, &format!("{path}.values"), option.values);
        checked.push(CheckedOption {
            id,
            name: name.unwrap_or_default(),
            values,
        });
    }
    checked
}

fn check_values(
    validator: &mut Validator,
    field: &str,
    values: Vec<ValueInput>,
) -> Vec<CheckedValue> {
    if values.is_empty() || values.len() > MAX_VARIANTS {
        validator.check::<()>(field, Err("An option has 1 to 1,000 values."));
        return Vec::new();
    }
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    let mut checked = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let path = format!("{field}.{index}");
        let id = value
            .id
            .and_then(|id| validator.id(&format!("{path}.id"), &id));
        if id.is_some_and(|id| !ids.insert(id)) {
            validator.check::<()>(&format!("{path}.id"), Err("The value is listed twice."));
        }
        let name = validator.check(&format!("{path}.name"), check_value_name(&value.name));
        if let Some(name) = &name
            && !names.insert(name_key(name))
        {
            let message = "Another value of the option has this name.";
            validator.check::<()>(&format!("{path}.name"), Err(message));
        }
        let swatch = validator.patch(&format!("{path}.swatch"), value.swatch, |color| {
            check_color(&color)
        });
        checked.push(CheckedValue {
            id,
            name: name.unwrap_or_default(),
            swatch,
        });
    }
    checked
}

/// Checks a color: `#rrggbb`.
fn check_color(color: &str) -> Result<String, &'static str> {
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(color.to_ascii_lowercase())
    } else {
        Err("A color must have the form #rrggbb.")
    }
}

/// Returns the options of a new product.
pub(super) fn build(
    validator: &mut Validator,
    options: Vec<OptionInput>,
    product: ProductId,
    now: Timestamp,
) -> Vec<ProductOption> {
    let checked = check(validator, "options", options);
    let mut set = VariantSet::default();
    let replaced = replace(&mut set, checked, product, now);
    replaced.unwrap_or_else(|error| validator.refuse(error));
    set.options
}

/// Replaces the options of a product. Options and values with an ID keep their variants. Those without are new, and
/// those that are missing are removed.
///
/// # Errors
/// Unknown ids, a removed value that a variant has, and variants that would become equal.
pub async fn update_options(
    state: &State,
    admin: Admin,
    product: ProductId,
    options: Vec<OptionInput>,
) -> Result<(Model, VariantSet)> {
    let mut validator = Validator::default();
    let checked = check(&mut validator, "options", options);
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let mut batch = VariantBatch::lock(&transaction, &[product], now).await?;
    let draft = batch.only()?;
    replace(&mut draft.after, checked, product, now)?;
    let by = (admin, "updateProductOptions", state.config.shop_currency);
    let written = batch.write_only(&transaction, by).await?;
    transaction.commit().await?;
    Ok(written)
}

fn replace(
    set: &mut VariantSet,
    options: Vec<CheckedOption>,
    product: ProductId,
    now: Timestamp,
) -> Result<(), UserError> {
    let former = std::mem::take(&mut set.options);
    let mut first_values = Vec::new();
    for (position, checked) in options.into_iter().enumerate() {
        let path = format!("options.{position}");
        let known = checked
            .id
            .map(|id| {
                let known = former.iter().find(|option| option.row.id == id);
                known.ok_or_else(|| unknown(&format!("{path}.id"), "option"))
            })
            .transpose()?;
        let option = build_option(known, checked, &path, (product, position), now)?;
        if known.is_none() {
            first_values.extend(option.values.first().map(|value| value.id));
        }
        set.options.push(option);
    }
    let kept: HashSet<_> = set
        .options
        .iter()
        .flat_map(|option| &option.values)
        .map(|value| value.id)
        .collect();
    let is_option_kept = |id: OptionId| set.options.iter().any(|option| option.row.id == id);
    let removed_with_option: HashSet<_> = former
        .iter()
        .filter(|option| !is_option_kept(option.row.id))
        .flat_map(|option| &option.values)
        .map(|value| value.id)
        .collect();
    let mut combinations = HashSet::new();
    for (row, _) in &mut set.variants {
        let values: Vec<_> = row
            .values()
            .filter(|value| !removed_with_option.contains(value))
            .collect();
        if values.iter().any(|value| !kept.contains(value)) {
            let message =
                "A variant has a value that is missing here. Delete or change the variant first.";
            return Err(UserError::new(UserErrorCode::Conflict, "options", message));
        }
        let next = combination(values.into_iter().chain(first_values.iter().copied()));
        if next != row.combination {
            row.combination = next;
            row.version += 1;
            row.updated_at = now;
        }
        if !combinations.insert(row.combination.clone()) {
            let message = "Without the removed option, two variants would have the same values. Delete one of them first.";
            return Err(UserError::new(UserErrorCode::Conflict, "options", message));
        }
    }
    Ok(())
}

fn build_option(
    known: Option<&ProductOption>,
    checked: CheckedOption,
    path: &str,
    (product, position): (ProductId, usize),
    now: Timestamp,
) -> Result<ProductOption, UserError> {
    let row = option::Model {
        id: known.map_or_else(|| OptionId::generate(now), |known| known.row.id),
        product_id: product,
        name_key: name_key(&checked.name),
        name: checked.name,
        position: i32::try_from(position).unwrap_or(i32::MAX),
    };
    let mut values = Vec::new();
    for (position, value) in checked.values.into_iter().enumerate() {
        let mut next = choices::new_value(row.id, &value.name, position, now);
        if let Some(id) = value.id {
            let known = known.and_then(|known| known.values.iter().find(|other| other.id == id));
            let known =
                known.ok_or_else(|| unknown(&format!("{path}.values.{position}.id"), "value"))?;
            next.id = id;
            next.swatch.clone_from(&known.swatch);
        }
        next.swatch = value.swatch.apply_to(next.swatch);
        values.push(next);
    }
    Ok(ProductOption { row, values })
}

fn unknown(field: &str, what: &str) -> UserError {
    let message = format!("The product has no such {what}.");
    UserError::new(UserErrorCode::NotFound, field, message)
}
