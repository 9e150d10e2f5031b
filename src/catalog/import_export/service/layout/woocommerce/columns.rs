//! The columns of WooCommerce's product export.

use crate::catalog::import_export::service::layout::headings::{Field, Headings, Known};
use crate::catalog::import_export::service::layout::shops::Separators;
use crate::catalog::import_export::service::row::Checks;
use crate::catalog::product::service::variants::{Choice, check_option_name, check_value_name};

pub const KNOWN: Known = &[
    (Field::Id, &["id"]),
    (Field::Kind, &["type"]),
    (Field::Sku, &["sku"]),
    (Field::Barcode, &["gtin, upc, ean, or isbn"]),
    (Field::Name, &["name"]),
    (Field::Published, &["published"]),
    (Field::Description, &["description"]),
    (Field::Summary, &["short description"]),
    (Field::InStock, &["in stock?"]),
    (Field::Stock, &["stock"]),
    (Field::LowStock, &["low stock amount"]),
    (Field::Backorders, &["backorders allowed?"]),
    (Field::Kilograms, &["weight (kg)"]),
    (Field::Grams, &["weight (g)"]),
    (Field::Pounds, &["weight (lbs)"]),
    (Field::Ounces, &["weight (oz)"]),
    (Field::SalePrice, &["sale price"]),
    (Field::Price, &["regular price"]),
    (Field::Category, &["categories"]),
    (Field::Images, &["images"]),
    (Field::Parent, &["parent"]),
    (Field::Brand, &["brands"]),
    (Field::Tags, &["tags"]),
];
/// A file with these headings is an export of WooCommerce.
pub const REQUIRED_HEADINGS: [&str; 2] = ["name", "regular price"];
pub const SEPARATORS: Separators = Separators {
    values: ',',
    levels: '>',
    root: None,
};

/// The name and the value of an attribute: their columns.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    name: usize,
    value: usize,
}

/// Returns the columns of the attributes, in order of their numbers.
pub fn attributes(headings: &mut Headings) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    for number in 1.. {
        let name = headings.position(&format!("attribute {number} name"));
        let value = headings.position(&format!("attribute {number} value(s)"));
        let (Some(name), Some(value)) = (name, value) else {
            break;
        };
        attributes.push(Attribute { name, value });
        headings.claim(name);
        headings.claim(value);
        for detail in ["visible", "global", "default"] {
            if let Some(index) = headings.position(&format!("attribute {number} {detail}")) {
                headings.claim(index);
            }
        }
    }
    attributes
}

/// Whether a row has attributes.
pub fn has_attributes(attributes: &[Attribute], fields: &[&str]) -> bool {
    let name = |attribute: &Attribute| fields.get(attribute.name).map(|name| name.trim());
    attributes
        .iter()
        .filter_map(name)
        .any(|name| !name.is_empty())
}

/// Converts the attributes of a variation to option values. `None` if it has none.
pub fn choices(
    attributes: &[Attribute],
    (headings, fields): (&Headings, &[&str]),
    checks: &mut Checks,
) -> Option<Vec<Choice>> {
    let column = |index: usize| headings.names().get(index).map_or("", String::as_str);
    let cell = |index: usize| fields.get(index).map_or("", |cell| cell.trim());
    let mut choices = Vec::new();
    for attribute in attributes {
        let (name, value) = (cell(attribute.name), cell(attribute.value));
        if name.is_empty() {
            continue;
        }
        let column_of_value = column(attribute.value);
        if value.is_empty() {
            let message = "The variation is for any value of the attribute: give it one value.";
            checks.add(column_of_value, message);
            continue;
        }
        // A backslash escapes the separator of several values.
        let value = check_value_name(&value.replace("\\,", ","));
        let name = checks.check(column(attribute.name), check_option_name(name));
        let value = checks.check(column_of_value, value);
        choices.extend(name.zip(value).map(|(name, value)| Choice { name, value }));
    }
    (!choices.is_empty()).then_some(choices)
}
