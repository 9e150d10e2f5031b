//! The audit entries of synonyms.

use super::Synonym;
use crate::platform::audit::service::Entry;

/// One of the lists of terms of a synonym.
type Terms = fn(&Synonym) -> &Vec<String>;

/// Returns the entry of a change of a synonym. `before` is `None` for a new one, `after` for a deleted one.
pub(super) fn entry(
    action: &'static str,
    (before, after): (Option<&Synonym>, Option<&Synonym>),
) -> Entry {
    let mut entry = Entry::new(action);
    if let Some(synonym) = after.or(before) {
        let first = synonym.terms.first().or(synonym.from.first());
        entry = entry
            .about(synonym.row.id)
            .called(first.map_or("", String::as_str));
    }
    let lists: [(&str, Terms); 3] = [
        ("terms", |synonym| &synonym.terms),
        ("from", |synonym| &synonym.from),
        ("to", |synonym| &synonym.to),
    ];
    for (field, list) in lists {
        let text = |synonym: Option<&Synonym>| {
            let joined = synonym.map(|synonym| list(synonym).join(", "));
            joined.filter(|joined| !joined.is_empty())
        };
        let (before, after) = (text(before), text(after));
        entry = entry.change_text(field, before.as_deref(), after.as_deref());
    }
    entry
}
