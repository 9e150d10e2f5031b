//! The audit entries of variants.

use std::collections::HashMap;

use super::set::VariantSet;
use crate::catalog::product::entity::Model;
use crate::catalog::product::repository::variants::StockedVariant;
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::platform::audit::service::Entry;

/// Returns the entry of a change of a product's variants. A field such as `variants[Red / M].price` names the variant.
pub(super) fn entry(
    action: &'static str,
    product: &Model,
    (before, after): (&VariantSet, &VariantSet),
    currency: Currency,
) -> Entry {
    let entry = Entry::new(action).about(product.id).called(&product.name);
    changes(entry, (before, after), currency)
}

fn changes(
    mut entry: Entry,
    (before, after): (&VariantSet, &VariantSet),
    currency: Currency,
) -> Entry {
    entry = entry.change("options", options(before), options(after));
    let stored = before.variants.iter();
    let stored: HashMap<_, _> = stored.map(|row| (row.0.id, row)).collect();
    for row in &after.variants {
        entry = differences(
            entry,
            &after.title(&row.0),
            (stored.get(&row.0.id).copied(), Some(row)),
            currency,
        );
    }
    let is_kept = |row: &&StockedVariant| after.variants.iter().any(|next| next.0.id == row.0.id);
    for row in before.variants.iter().filter(|row| !is_kept(row)) {
        entry = differences(entry, &before.title(&row.0), (Some(row), None), currency);
    }
    entry
}

/// Adds the options and variants to the entry of a product that is created, changed or deleted with them. A product
/// without options has one variant, whose fields are its own.
pub fn with_variants(
    mut entry: Entry,
    (before, after): (&VariantSet, &VariantSet),
    currency: Currency,
) -> Entry {
    if before.options.is_empty() && after.options.is_empty() {
        return entry;
    }
    if !before.variants.is_empty() && !after.variants.is_empty() {
        return changes(entry, (before, after), currency);
    }
    entry = entry.change("options", options(before), options(after));
    // In one field each: a product has up to 1,000 variants.
    for row in &after.variants {
        let field = format!("variants[{}]", after.title(&row.0));
        entry = entry.change(&field, None, describe(row, currency));
    }
    for row in &before.variants {
        let field = format!("variants[{}]", before.title(&row.0));
        entry = entry.change(&field, describe(row, currency), None);
    }
    entry
}

fn describe(row: &StockedVariant, currency: Currency) -> String {
    let values = FIELDS.into_iter().zip(values(row, currency));
    let known = values.filter_map(|(field, value)| Some(format!("{field}: {}", value?)));
    known.collect::<Vec<_>>().join(", ")
}

fn options(set: &VariantSet) -> Option<String> {
    let options = set.options.iter().map(|option| {
        let values = option.values.iter().map(|value| match &value.swatch {
            Some(color) => format!("{} ({color})", value.name),
            None => value.name.clone(),
        });
        let values: Vec<_> = values.collect();
        format!("{}: {}", option.row.name, values.join(", "))
    });
    let options: Vec<_> = options.collect();
    (!options.is_empty()).then(|| options.join("; "))
}

fn differences(
    mut entry: Entry,
    title: &str,
    (before, after): (Option<&StockedVariant>, Option<&StockedVariant>),
    currency: Currency,
) -> Entry {
    let values = |row: Option<&StockedVariant>| {
        row.map_or_else(Default::default, |row| values(row, currency))
    };
    let pairs = values(before).into_iter().zip(values(after));
    for (field, (before, after)) in FIELDS.into_iter().zip(pairs) {
        let field = if title.is_empty() {
            field.to_owned()
        } else {
            format!("variants[{title}].{field}")
        };
        entry = entry.change(&field, before, after);
    }
    entry
}

const FIELDS: [&str; 14] = [
    "sku",
    "barcode",
    "price",
    "compareAtPrice",
    "stock",
    "backorderLimit",
    "tracked",
    "lowStockAt",
    "weight",
    "requiresShipping",
    "taxClassId",
    "imageId",
    "active",
    "position",
];

fn values((row, level): &StockedVariant, currency: Currency) -> [Option<String>; 14] {
    let money = |minor| Decimal::from_minor(minor, currency).to_string();
    [
        row.sku.clone(),
        row.barcode.clone(),
        Some(money(row.price)),
        row.compare_at_price.map(money),
        Some(level.on_hand.to_string()),
        Some(level.backorder_limit.to_string()),
        Some(row.tracked.to_string()),
        row.low_stock_at.map(|stock| stock.to_string()),
        row.weight.map(|grams| grams.to_string()),
        Some(row.requires_shipping.to_string()),
        row.tax_class_id.map(TypedId::encode),
        row.image_id.map(TypedId::encode),
        Some(row.active.to_string()),
        Some(row.position.to_string()),
    ]
}
