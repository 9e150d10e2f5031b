//! Size of a document with expanded fragments, by a simple count that is obviously right.

use std::collections::HashSet;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};

/// Number of selections after which counting stops.
const MAX_COUNT: usize = 20_000;

/// Size of a document: the maximum over its operations and fragments.
#[derive(Debug, Default)]
pub struct ExpandedSize {
    pub selections: usize,
    pub depth: usize,
    pub aliases: usize,
    /// Number of mutations in one operation that check credentials.
    pub proofs: usize,
    /// Whether its operations only query the schema.
    pub is_about_schema: bool,
    pub is_cyclic: bool,
}

struct Expander<'a> {
    document: &'a ExecutableDocument,
    /// Fragments that are being expanded.
    open: Vec<&'a Name>,
    selections: usize,
    aliases: usize,
    depth: usize,
    is_cyclic: bool,
    /// Names of the root fields.
    first: Vec<&'a str>,
}

impl ExpandedSize {
    pub fn of(document: &ExecutableDocument, authenticating_mutations: &HashSet<String>) -> Self {
        let mut all = Self {
            is_about_schema: true,
            ..Self::default()
        };
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            let writer = all.add(document, &operation.selection_set.node, None);
            all.is_about_schema &= writer.first.iter().all(|name| name.starts_with("__"));
            if operation.ty == OperationType::Mutation {
                let proofs = writer.first.iter().filter(|name| authenticating_mutations.contains(**name));
                all.proofs = all.proofs.max(proofs.count());
            }
        }
        for (name, fragment) in &document.fragments {
            all.add(document, &fragment.node.selection_set.node, Some(name));
        }
        all
    }

    fn add<'a>(
        &mut self,
        document: &'a ExecutableDocument,
        set: &'a SelectionSet,
        open: Option<&'a Name>,
    ) -> Expander<'a> {
        let mut writer = Expander {
            document,
            open: open.into_iter().collect(),
            selections: 0,
            aliases: 0,
            depth: 0,
            is_cyclic: false,
            first: Vec::new(),
        };
        writer.write(set, 0);
        self.selections = self.selections.max(writer.selections);
        self.aliases = self.aliases.max(writer.aliases);
        self.depth = self.depth.max(writer.depth);
        self.is_cyclic |= writer.is_cyclic;
        writer
    }
}

impl<'a> Expander<'a> {
    /// Expands a selection set below `above` fields.
    fn write(&mut self, set: &'a SelectionSet, above: usize) {
        for selection in &set.items {
            if self.selections > MAX_COUNT {
                return;
            }
            self.selections += 1;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    self.aliases += usize::from(field.alias.is_some());
                    self.depth = self.depth.max(above + 1);
                    if above == 0 {
                        self.first.push(&field.name.node);
                    }
                    self.write(&field.selection_set.node, above + 1);
                }
                Selection::InlineFragment(fragment) => {
                    self.write(&fragment.node.selection_set.node, above);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else {
                        continue;
                    };
                    if self.open.contains(&name) {
                        self.is_cyclic = true;
                        continue;
                    }
                    self.open.push(name);
                    self.write(&fragment.node.selection_set.node, above);
                    self.open.pop();
                }
            }
        }
    }
}
