//! Detects introspection, for shops that disable it.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// Returns whether `__schema` or `__type` is selected anywhere, in any operation or fragment.
pub fn asks_for_schema(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter();
    let operations = operations.map(|(_, operation)| &operation.node.selection_set);
    let fragments = document.fragments.values();
    let fragments = fragments.map(|fragment| &fragment.node.selection_set);
    operations.chain(fragments).any(|set| in_set(&set.node))
}

fn in_set(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "__schema" | "__type")
                || in_set(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => in_set(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}
