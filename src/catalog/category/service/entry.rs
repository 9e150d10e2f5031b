//! The audit entries of categories.

use crate::catalog::category::entity::Model;
use crate::core::id::TypedId;
use crate::platform::audit::service::Entry;

const DESCRIPTION: &str = "description";

/// Returns the value of a field.
type Value = fn(&Model) -> Option<String>;

const FIELDS: [(&str, Value); 6] = [
    ("name", |category| Some(category.name.clone())),
    ("slug", |category| Some(category.slug.clone())),
    (DESCRIPTION, |category| Some(category.description.clone())),
    ("parentId", |category| {
        category.parent_id.map(TypedId::encode)
    }),
    ("position", |category| Some(category.position.to_string())),
    ("published", |category| Some(category.published.to_string())),
];

/// Returns the entry of a change. `before` is `None` for a new category, `after` for a deleted one.
pub(super) fn entry(action: &'static str, before: Option<&Model>, after: Option<&Model>) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(category) = after.or(before) {
        entry = entry.about(category.id).called(&category.name);
    }
    for (field, value) in FIELDS {
        let (old, new) = (before.and_then(value), after.and_then(value));
        entry = if field == DESCRIPTION {
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            entry.change_text(field, Some(&old), Some(&new))
        } else {
            entry.change(field, old, new)
        };
    }
    entry
}
