//! Option values in the rows of another shop's file.

use super::headings::{Cells, Field};
use crate::catalog::import_export::service::row::Checks;
use crate::catalog::product::service::variants::{
    Choice, check_option_name, check_value_name, name_key,
};

/// The names and the values of the options.
const OPTIONS: [(Field, Field); 3] = [
    (Field::Option1Name, Field::Option1),
    (Field::Option2Name, Field::Option2),
    (Field::Option3Name, Field::Option3),
];
/// The option value of a product without options.
pub const NO_OPTION: &str = "Default Title";

/// The names of the options of a product, as its first row has them.
pub type OptionNames = [Option<String>; OPTIONS.len()];

/// Whether a row has an option value.
pub fn has_values(cells: &Cells<'_>) -> bool {
    OPTIONS
        .iter()
        .any(|(_, value)| !cells.get(*value).is_empty())
}

/// Returns the names of the options in the first row of a product.
pub fn names(cells: &Cells<'_>, checks: &mut Checks) -> OptionNames {
    let mut names: OptionNames = [None, None, None];
    if is_default(cells) {
        return names;
    }
    for ((name_field, value_field), name) in OPTIONS.into_iter().zip(&mut names) {
        let (cell, value) = (cells.get(name_field), cells.get(value_field));
        if cell.is_empty() && value.is_empty() {
            continue;
        }
        *name = checks.check(cells.name(name_field), check_option_name(cell));
    }
    let keys: Vec<_> = names.iter().flatten().map(|name| name_key(name)).collect();
    for (number, key) in keys.iter().enumerate() {
        if keys[..number].contains(key) {
            let column = cells.name(Field::Option1Name);
            checks.add(column, "Two options have the same name.");
        }
    }
    names
}

fn is_default(cells: &Cells<'_>) -> bool {
    let others = [Field::Option2, Field::Option3];
    cells.get(Field::Option1) == NO_OPTION
        && others.iter().all(|field| cells.get(*field).is_empty())
}

/// Converts the values of a row. `None` for a product without options.
pub fn choices(cells: &Cells<'_>, names: &OptionNames, checks: &mut Checks) -> Option<Vec<Choice>> {
    let mut choices = Vec::new();
    for ((name_field, value_field), name) in OPTIONS.into_iter().zip(names) {
        let (column, cell) = (cells.name(value_field), cells.get(value_field));
        let Some(name) = name else { continue };
        let own_name = cells.get(name_field);
        if !own_name.is_empty() && name_key(own_name) != name_key(name) {
            let message = format!("The first row of the product has the option \"{name}\" here.");
            checks.add(cells.name(name_field), message);
        }
        if cell.is_empty() {
            checks.add(
                column,
                format!("A value of the option \"{name}\" is required."),
            );
        } else if let Some(value) = checks.check(column, check_value_name(cell)) {
            choices.push(Choice {
                name: name.clone(),
                value,
            });
        }
    }
    (!choices.is_empty()).then_some(choices)
}

/// Rejects values of options that the first row of the product does not have.
pub fn check_unknown(cells: &Cells<'_>, names: &OptionNames, checks: &mut Checks) {
    if names.iter().all(Option::is_none) {
        let message = "The first row of the product has no options, so it has only one variant.";
        checks.add(cells.name(Field::Option1), message);
        return;
    }
    for ((_, value_field), name) in OPTIONS.into_iter().zip(names) {
        if name.is_none() && !cells.get(value_field).is_empty() {
            let message = "The first row of the product has no such option.";
            checks.add(cells.name(value_field), message);
        }
    }
}
