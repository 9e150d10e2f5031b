//! Option values in the rows of a file.

use super::headings::{Cells, Field};
use crate::catalog::import_export::service::row::Checks;
use crate::catalog::product::service::variants::{
    Choice, check_option_name, check_value_name, name_key,
};

/// The number of options in a row.
const COUNT: usize = 3;
/// The names and the values of the options in another shop's file.
const OPTIONS: [(Field, Field); COUNT] = [
    (Field::Option1Name, Field::Option1),
    (Field::Option2Name, Field::Option2),
    (Field::Option3Name, Field::Option3),
];
/// The option value of a product without options.
pub const NO_OPTION: &str = "Default Title";

/// The names of the options in the first row of a product.
pub type OptionNames = [Option<String>; COUNT];

/// The cells of an option in a row, and their headings. A blank cell is an empty text.
#[derive(Clone, Copy, Debug)]
pub struct OptionCells<'a> {
    pub name_heading: &'a str,
    pub name: &'a str,
    pub value_heading: &'a str,
    pub value: &'a str,
}

/// Rejects two options with the same name.
pub fn check_distinct(names: &OptionNames, heading: &str, checks: &mut Checks) {
    let keys: Vec<_> = names.iter().flatten().map(|name| name_key(name)).collect();
    for (number, key) in keys.iter().enumerate() {
        if keys[..number].contains(key) {
            checks.add(heading, "Two options have the same name.");
        }
    }
}

/// Converts the values of a row. `None` for a product without options.
pub fn choices(
    cells: [OptionCells<'_>; COUNT],
    names: &OptionNames,
    checks: &mut Checks,
) -> Option<Vec<Choice>> {
    let mut choices = Vec::new();
    for (cells, name) in cells.into_iter().zip(names) {
        let Some(name) = name else { continue };
        let own_name = cells.name.trim();
        if !own_name.is_empty() && name_key(own_name) != name_key(name) {
            let message = format!("The first row of the product has the option \"{name}\" here.");
            checks.add(cells.name_heading, message);
        }
        if cells.value.is_empty() {
            let message = format!("A value of the option \"{name}\" is required.");
            checks.add(cells.value_heading, message);
        } else if let Some(value) = checks.check(cells.value_heading, check_value_name(cells.value))
        {
            choices.push(Choice {
                name: name.clone(),
                value,
            });
        }
    }
    (!choices.is_empty()).then_some(choices)
}

/// Rejects values of options that the first row of the product does not have.
pub fn check_unknown(cells: [OptionCells<'_>; COUNT], names: &OptionNames, checks: &mut Checks) {
    for (cells, name) in cells.into_iter().zip(names) {
        if name.is_none() && !cells.value.is_empty() {
            let message = "The first row of the product has no such option.";
            checks.add(cells.value_heading, message);
        }
    }
}

/// Returns the option cells of a row in another shop's file.
pub fn of_shop<'a>(cells: &Cells<'a>) -> [OptionCells<'a>; COUNT] {
    OPTIONS.map(|(name, value)| OptionCells {
        name_heading: cells.name(name),
        name: cells.get(name),
        value_heading: cells.name(value),
        value: cells.get(value),
    })
}

/// Whether a row of another shop's file has an option value.
pub fn has_values(cells: &Cells<'_>) -> bool {
    OPTIONS
        .iter()
        .any(|(_, value)| !cells.get(*value).is_empty())
}

/// Returns the names of the options in the first row of a product in another shop's file.
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
    check_distinct(&names, cells.name(Field::Option1Name), checks);
    names
}

fn is_default(cells: &Cells<'_>) -> bool {
    let others = [Field::Option2, Field::Option3];
    cells.get(Field::Option1) == NO_OPTION
        && others.iter().all(|field| cells.get(*field).is_empty())
}

/// Rejects option values in a further row of a product in another shop's file, unless its first row has these options.
pub fn check_further_row(cells: &Cells<'_>, names: &OptionNames, checks: &mut Checks) {
    if names.iter().all(Option::is_none) {
        let message = "The first row of the product has no options, so it has only one variant.";
        checks.add(cells.name(Field::Option1), message);
        return;
    }
    check_unknown(of_shop(cells), names, checks);
}
