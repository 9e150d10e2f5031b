//! What a document asks for, told before it is executed.

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};

/// Whether `__schema` or `__type` is asked for anywhere, in operations that run and in others.
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

/// Whether an operation asks for nothing but these root fields and the schema.
pub fn selects_only(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    fields: &[&str],
) -> bool {
    let mut sets = vec![&operation.selection_set.node];
    // The document's size is bounded, but its fragments may spread each other in a circle.
    let mut spreads = document.fragments.len();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    if !name.starts_with("__") && !fields.contains(&name) {
                        return false;
                    }
                }
                Selection::InlineFragment(fragment) => {
                    sets.push(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = document.fragments.get(&spread.node.fragment_name.node);
                    let (Some(fragment), Some(left)) = (fragment, spreads.checked_sub(1)) else {
                        return false;
                    };
                    spreads = left;
                    sets.push(&fragment.node.selection_set.node);
                }
            }
        }
    }
    true
}
