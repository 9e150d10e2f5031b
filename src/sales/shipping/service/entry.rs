//! The audit entries of shipping.

use super::{Method, Zone};
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::platform::audit::service::Entry;
use crate::sales::shipping::entity::{PriceBy, country, method, rate};

/// Returns the entry of a change of a zone. `before` is `None` for a new one, `after` for a deleted one.
pub(super) fn of_zone(action: &'static str, before: Option<&Zone>, after: Option<&Zone>) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(zone) = after.or(before) {
        entry = entry.about(zone.row.id).called(&zone.row.name);
    }
    let name = |zone: &Zone| zone.row.name.clone();
    let countries = |zone: &Zone| {
        let countries: Vec<_> = zone.countries.iter().map(country).collect();
        countries.join(", ")
    };
    let listed = |zone: Option<&Zone>| zone.map(countries).unwrap_or_default();
    let (old, new) = (listed(before), listed(after));
    entry
        .change("name", before.map(name), after.map(name))
        .change_text("countries", Some(&old), Some(&new))
}

/// Returns a part of a zone for display, such as `DE 27498 (excluded)`.
fn country(row: &country::Model) -> String {
    let parts = [&row.country, &row.region, &row.postal_prefix];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let parts: Vec<_> = parts.map(String::as_str).collect();
    let excluded = if row.excluded { " (excluded)" } else { "" };
    parts.join(" ") + excluded
}

/// Returns the value of a field.
type Value = fn(&method::Model) -> Option<String>;

const FIELDS: [(&str, Value); 9] = [
    ("name", |row| Some(row.name.clone())),
    ("description", |row| Some(row.description.clone())),
    ("kind", |row| Some(format!("{:?}", row.kind).to_uppercase())),
    ("priceBy", |row| {
        Some(format!("{:?}", row.price_by).to_uppercase())
    }),
    ("taxClassId", |row| row.tax_class_id.map(TypedId::encode)),
    ("minDays", |row| row.min_days.map(|days| days.to_string())),
    ("maxDays", |row| row.max_days.map(|days| days.to_string())),
    ("active", |row| Some(row.active.to_string())),
    ("position", |row| Some(row.position.to_string())),
];

/// Returns the entry of a change of a method.
pub(super) fn of_method(
    action: &'static str,
    (before, after): (Option<&Method>, Option<&Method>),
    currency: Currency,
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(method) = after.or(before) {
        entry = entry.about(method.row.id).called(&method.row.name);
    }
    for (field, value) in FIELDS {
        let of = |method: &Method| value(&method.row);
        entry = entry.change(field, before.and_then(of), after.and_then(of));
    }
    let brackets = |method: &Method| {
        let brackets = method.rates.iter();
        let brackets = brackets.map(|rate| bracket(rate, method.row.price_by, currency));
        brackets.collect::<Vec<_>>().join(", ")
    };
    entry.change("brackets", before.map(brackets), after.map(brackets))
}

/// Returns a bracket for display, such as `from 50.00: 4.90`.
fn bracket(rate: &rate::Model, price_by: PriceBy, currency: Currency) -> String {
    let from = match price_by {
        PriceBy::Weight => Decimal::from_whole(rate.lower_bound),
        PriceBy::Amount => Decimal::from_minor(rate.lower_bound, currency),
    };
    format!("from {from}: {}", Decimal::from_minor(rate.price, currency))
}
