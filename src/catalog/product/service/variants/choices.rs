//! Options and values by their names.

use std::collections::HashSet;

use super::set::{ProductOption, VariantSet};
use crate::catalog::product::entity::variant::{OptionId, ValueId, combination, option_value};
use crate::core::clock::Timestamp;
use crate::core::id::TypedId;
use crate::core::text;
use crate::core::validation::Validator;

/// Maximum number of options of a product.
pub const MAX_OPTIONS: usize = 3;
/// Maximum number of variants of a product, and so of values of an option.
pub const MAX_VARIANTS: usize = 1_000;
const MAX_OPTION_NAME: usize = 50;
const MAX_VALUE_NAME: usize = 100;

/// A value of an option, by their names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    pub name: String,
    pub value: String,
}

/// Returns the form in which names are compared: their case is ignored.
pub fn name_key(name: &str) -> String {
    text::normalise(name).to_lowercase()
}

/// Checks the name of an option.
pub fn check_option_name(name: &str) -> Result<String, &'static str> {
    let name = text::check_name(name)?;
    if name.chars().nth(MAX_OPTION_NAME).is_some() {
        return Err("The name of an option has at most 50 characters.");
    }
    Ok(name)
}

/// Checks the name of a value.
pub fn check_value_name(name: &str) -> Result<String, &'static str> {
    let name = text::check_name(name)?;
    if name.chars().nth(MAX_VALUE_NAME).is_some() {
        return Err("The name of a value has at most 100 characters.");
    }
    Ok(name)
}

/// Checks the names of choices.
pub fn check(validator: &mut Validator, field: &str, choices: Vec<Choice>) -> Option<Vec<Choice>> {
    if choices.len() > MAX_OPTIONS {
        return validator.check(field, Err("A product has at most 3 options."));
    }
    let checked = choices.into_iter().map(|choice| {
        Ok::<_, &str>(Choice {
            name: check_option_name(&choice.name)?,
            value: check_value_name(&choice.value)?,
        })
    });
    validator.check(field, checked.collect::<Result<Vec<_>, _>>())
}

/// Returns the combination of a variant with these choices: one of each option. Adds values that the options do not
/// have yet.
///
/// # Errors
/// The reason why the choices are no combination of the product's options.
pub fn resolve(set: &mut VariantSet, choices: &[Choice], now: Timestamp) -> Result<String, String> {
    let mut chosen = HashSet::new();
    for choice in choices {
        let key = name_key(&choice.name);
        if !set.options.iter().any(|option| option.row.name_key == key) {
            return Err(format!("The product has no option \"{}\".", choice.name));
        }
        if !chosen.insert(key) {
            return Err(format!("The option \"{}\" occurs twice.", choice.name));
        }
    }
    if let Some(missing) = set
        .options
        .iter()
        .find(|option| !chosen.contains(&option.row.name_key))
    {
        return Err(format!(
            "A value of the option \"{}\" is required.",
            missing.row.name
        ));
    }
    let mut values = Vec::new();
    for choice in choices {
        let key = name_key(&choice.name);
        let option = set.options.iter_mut();
        if let Some(option) = option.into_iter().find(|option| option.row.name_key == key) {
            values.push(find_or_add(option, &choice.value, now)?);
        }
    }
    Ok(combination(values))
}

/// Returns a value of an option. Adds it if it is new.
pub fn find_or_add(
    option: &mut ProductOption,
    name: &str,
    now: Timestamp,
) -> Result<ValueId, String> {
    let key = name_key(name);
    if let Some(known) = option.values.iter().find(|value| value.name_key == key) {
        return Ok(known.id);
    }
    if option.values.len() >= MAX_VARIANTS {
        return Err(format!(
            "The option \"{}\" would have more than 1,000 values.",
            option.row.name
        ));
    }
    let value = new_value(option.row.id, name, option.values.len(), now);
    let id = value.id;
    option.values.push(value);
    Ok(id)
}

/// Returns a new value.
pub fn new_value(
    option: OptionId,
    name: &str,
    position: usize,
    now: Timestamp,
) -> option_value::Model {
    option_value::Model {
        id: ValueId::generate(now),
        option_id: option,
        name: name.to_owned(),
        name_key: name_key(name),
        position: i32::try_from(position).unwrap_or(i32::MAX),
        swatch: None,
    }
}
