//! The audit entries of attributes, choices and product types.

use crate::catalog::attribute::entity::{AttributeId, Model, choice, product_type};
use crate::core::id::TypedId;
use crate::platform::audit::service::Entry;

/// Returns the entry of a change of an attribute. `before` is `None` for a new one, `after` for a deleted one.
pub(super) fn of_attribute(
    action: &'static str,
    before: Option<&Model>,
    after: Option<&Model>,
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(attribute) = after.or(before) {
        entry = entry.about(attribute.id).called(&attribute.name);
    }
    let values = |attribute: Option<&Model>| attribute.map_or_else(Default::default, values);
    let pairs = values(before).into_iter().zip(values(after));
    for (field, (before, after)) in FIELDS.into_iter().zip(pairs) {
        entry = entry.change(field, before, after);
    }
    entry
}

const FIELDS: [&str; 8] = [
    "name",
    "code",
    "type",
    "owner",
    "unit",
    "multiple",
    "searchable",
    "filterable",
];

fn values(attribute: &Model) -> [Option<String>; 8] {
    [
        Some(attribute.name.clone()),
        Some(attribute.code.clone()),
        Some(attribute.kind.as_str().to_owned()),
        Some(attribute.owner.as_str().to_owned()),
        attribute.unit.clone(),
        Some(attribute.multiple.to_string()),
        Some(attribute.searchable.to_string()),
        Some(attribute.filterable.to_string()),
    ]
}

/// Returns the entry of a new order of all attributes.
pub(super) fn of_order(action: &'static str, before: &[Model], after: &[Model]) -> Entry {
    let codes = |attributes: &[Model]| {
        let codes = attributes.iter().map(|attribute| attribute.code.as_str());
        codes.collect::<Vec<_>>().join(", ")
    };
    let (before, after) = (codes(before), codes(after));
    Entry::new(action).change_text("order", Some(&before), Some(&after))
}

/// Returns the entry of a change of a choice.
pub(super) fn of_choice(
    action: &'static str,
    attribute: &Model,
    (before, after): (Option<&choice::Model>, Option<&choice::Model>),
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(choice) = after.or(before) {
        entry = entry
            .about(choice.id)
            .called(&format!("{}: {}", attribute.name, choice.name));
    }
    let get = |field: fn(&choice::Model) -> Option<String>| {
        (before.and_then(field), after.and_then(field))
    };
    let (old_name, new_name) = get(|choice| Some(choice.name.clone()));
    let (old_code, new_code) = get(|choice| Some(choice.code.clone()));
    let (old_swatch, new_swatch) = get(|choice| choice.swatch.clone());
    entry
        .change("name", old_name, new_name)
        .change("code", old_code, new_code)
        .change("swatch", old_swatch, new_swatch)
}

/// Returns the entry of a new order of the choices of an attribute.
pub(super) fn of_choices(attribute: &Model, (before, after): (String, String)) -> Entry {
    Entry::new("reorderAttributeChoices")
        .about(attribute.id)
        .called(&attribute.name)
        .change_text("choices", Some(&before), Some(&after))
}

type Type<'a> = (&'a product_type::Model, &'a [AttributeId]);

/// Returns the entry of a change of a product type.
pub(super) fn of_type(
    action: &'static str,
    (before, after): (Option<Type<'_>>, Option<Type<'_>>),
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some((row, _)) = after.or(before) {
        entry = entry.about(row.id).called(&row.name);
    }
    let name = |(row, _): Type<'_>| row.name.clone();
    let slug = |(row, _): Type<'_>| row.slug.clone();
    let ids = |(_, ids): Type<'_>| {
        let ids: Vec<_> = ids.iter().map(|id| id.encode()).collect();
        ids.join(", ")
    };
    entry
        .change("name", before.map(name), after.map(name))
        .change("slug", before.map(slug), after.map(slug))
        .change("attributeIds", before.map(ids), after.map(ids))
}
