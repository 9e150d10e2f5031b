//! Options that an imported file adds to a product.

use std::collections::HashSet;

use super::choices::{MAX_OPTIONS, find_or_add, name_key};
use super::rows::{ImportedVariant, RowTarget};
use super::set::{ProductOption, VariantSet};
use crate::catalog::product::entity::variant::{self, OptionId, combination, option};
use crate::catalog::product::service::batch::FieldError;
use crate::core::id::TypedId;

/// Adds the options that only the file has. Variants of the product get the values of their rows.
pub(super) fn add_options(
    set: &mut VariantSet,
    rows: &[ImportedVariant],
    target: RowTarget<'_>,
) -> Result<(), FieldError> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let keys: Vec<_> = first
        .choices()
        .iter()
        .map(|choice| name_key(&choice.name))
        .collect();
    let known: HashSet<_> = set
        .options
        .iter()
        .map(|option| option.row.name_key.clone())
        .collect();
    let is_new = |number: &usize| !known.contains(&keys[*number]);
    let new: Vec<_> = (0..keys.len()).filter(is_new).collect();
    if known.len() + new.len() > MAX_OPTIONS {
        let message = "Together with those of the product these are more than 3 options.";
        return Err(first.error("options", message));
    }
    let mut options = set.options.iter().map(|option| &option.row);
    if let Some(missing) = options.find(|option| !keys.contains(&option.name_key)) {
        let message = format!("A value of the option \"{}\" is required.", missing.name);
        return Err(first.error("options", message));
    }
    if new.is_empty() {
        return Ok(());
    }
    let owners = rows_of_variants(set, rows);
    for number in new {
        let name = &first.choices()[number].name;
        let row = option::Model {
            id: OptionId::generate(target.now),
            product_id: target.product,
            name: name.clone(),
            name_key: keys[number].clone(),
            position: i32::try_from(set.options.len()).unwrap_or(i32::MAX),
        };
        let mut option = ProductOption {
            row,
            values: Vec::new(),
        };
        for ((variant, _), owner) in set.variants.iter_mut().zip(&owners) {
            let value = owner.choices().get(number).map(|choice| &choice.value);
            let value = find_or_add(&mut option, value.unwrap_or(name), target.now);
            let value = value.map_err(|message| owner.error("options", message))?;
            variant.combination = combination(variant.values().chain([value]));
            variant.updated_at = target.now;
        }
        set.options.push(option);
    }
    let mut combinations = HashSet::new();
    for (variant, _) in &mut set.variants {
        variant.version += 1;
        if !combinations.insert(&variant.combination) {
            let message = "With the additional option, variants of the product that the file does not contain would have the \
                           same values.";
            return Err(first.error("options", message));
        }
    }
    Ok(())
}

/// Returns the row of each variant before the product gets additional options: the one with its SKU, else the first one
/// with its values, else the first one.
fn rows_of_variants<'a>(set: &VariantSet, rows: &'a [ImportedVariant]) -> Vec<&'a ImportedVariant> {
    let mut taken = HashSet::new();
    let with_sku = |sku: &Option<String>| {
        let sku = sku.as_ref()?;
        rows.iter().position(|row| row.sku() == Some(sku))
    };
    let mut owners: Vec<_> = set
        .variants
        .iter()
        .map(|(row, _)| with_sku(&row.sku))
        .collect();
    taken.extend(owners.iter().flatten().copied());
    let values = row_values(set, rows);
    for ((variant, _), owner) in set.variants.iter().zip(&mut owners) {
        if owner.is_none() {
            let own = variant_values(set, variant);
            let mut free = (0..rows.len()).filter(|number| !taken.contains(number));
            *owner = free.find(|number| values[*number] == own);
            taken.extend(*owner);
        }
    }
    let owners = owners.into_iter();
    owners
        .map(|owner| &rows[owner.unwrap_or_default()])
        .collect()
}

/// Returns the values of each row for the options of the product.
fn row_values(set: &VariantSet, rows: &[ImportedVariant]) -> Vec<Vec<String>> {
    let of_row = |row: &ImportedVariant| {
        let of_option = |option: &ProductOption| {
            let mut choices = row.choices().iter();
            let choice = choices.find(|choice| name_key(&choice.name) == option.row.name_key);
            choice
                .map(|choice| name_key(&choice.value))
                .unwrap_or_default()
        };
        set.options.iter().map(of_option).collect()
    };
    rows.iter().map(of_row).collect()
}

fn variant_values(set: &VariantSet, variant: &variant::Model) -> Vec<String> {
    let ids: Vec<_> = variant.values().collect();
    let of_option = |option: &ProductOption| {
        let mut values = option.values.iter();
        let value = values.find(|value| ids.contains(&value.id));
        value
            .map(|value| value.name_key.clone())
            .unwrap_or_default()
    };
    set.options.iter().map(of_option).collect()
}
