//! Removes absent variables from an operation: an argument or input field whose variable is absent is itself absent.
//!
//! The library treats such a variable inside of an input as null, which would clear fields that the client did not
//! send. By the specification (`CoerceArgumentValues`, Input Object coercion) the field is absent; only as an item of
//! a list the variable is null.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition,
    Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;

/// Returns a document with only this operation and its fragments, without these variables.
pub fn without(
    document: &ExecutableDocument,
    name: Option<&Name>,
    operation: &Positioned<OperationDefinition>,
    absent: &[&Name],
) -> ExecutableDocument {
    let mut operation = operation.clone();
    let mut writer = Writer {
        document,
        absent,
        fragments: HashMap::new(),
    };
    writer.operation(&mut operation.node);
    let fragments = writer.fragments;
    let operations = match name {
        None => DocumentOperations::Single(operation),
        Some(name) => DocumentOperations::Multiple([(name.clone(), operation)].into()),
    };
    ExecutableDocument {
        operations,
        fragments,
    }
}

struct Writer<'a> {
    document: &'a ExecutableDocument,
    absent: &'a [&'a Name],
    fragments: HashMap<Name, Positioned<FragmentDefinition>>,
}

impl Writer<'_> {
    fn operation(&mut self, operation: &mut OperationDefinition) {
        operation
            .variable_definitions
            .retain(|definition| !self.is_absent(&definition.node.name.node));
        self.directives(&mut operation.directives);
        self.set(&mut operation.selection_set.node);
    }

    fn set(&mut self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            self.directives(selection.node.directives_mut());
            match &mut selection.node {
                Selection::Field(field) => {
                    self.arguments(&mut field.node.arguments);
                    self.set(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.set(&mut fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node);
                }
            }
        }
    }

    /// Copies a fragment, once.
    fn fragment(&mut self, name: &Name) {
        if self.fragments.contains_key(name) {
            return;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return;
        };
        let mut fragment = fragment.clone();
        // Inserted before its content is processed, because a fragment may spread itself; validation refuses that.
        self.fragments.insert(name.clone(), fragment.clone());
        self.directives(&mut fragment.node.directives);
        self.set(&mut fragment.node.selection_set.node);
        self.fragments.insert(name.clone(), fragment);
    }

    fn directives(&self, directives: &mut [Positioned<Directive>]) {
        for directive in directives {
            self.arguments(&mut directive.node.arguments);
        }
    }

    fn arguments(&self, arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>) {
        if !self.absent.is_empty() {
            arguments.retain_mut(|(_, value)| self.retain_present(&mut value.node));
        }
    }

    /// Returns whether a value is present, and removes absent values from it.
    fn retain_present(&self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) => return !self.is_absent(name),
            Value::Object(fields) => fields.retain(|_, value| self.retain_present(value)),
            Value::List(items) => {
                for item in items {
                    if !self.retain_present(item) {
                        *item = Value::Null;
                    }
                }
            }
            _ => {}
        }
        true
    }

    fn is_absent(&self, name: &Name) -> bool {
        self.absent.contains(&name)
    }
}
