//! Access rules of the root fields: the `@auth` directives, parsed from the schema once.
//!
//! Each field's guard enforces the same rule, but only after validation and after the fields before it. A request
//! whose viewer may not call any of its fields is refused before its arguments are validated.

use std::collections::{HashMap, HashSet};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, ConstDirective, ExecutableDocument, Field, FieldDefinition, OperationDefinition,
    OperationType, Selection, ServiceDocument, TypeKind, TypeSystemDefinition,
};
use async_graphql::{PathSegment, Positioned, Response, Value};

use crate::api::secret_fields::{credential_inputs_of, secret_mutations};
use crate::core::viewer::Viewer;
use crate::graphql::error;
use crate::graphql::guard::Access;

/// The access rules of all root fields.
#[derive(Debug, Default)]
pub struct AccessRules {
    queries: HashMap<String, Rule>,
    mutations: HashMap<String, Rule>,
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    access: Access,
    /// Whether the response may be stored and replayed.
    is_storable: bool,
    /// Whether the field authenticates the caller: open to anonymous clients, or takes a password, a code or a token.
    authenticates: bool,
}

impl AccessRules {
    /// Reads the rules from the directives of a schema.
    pub fn read(schema: &ServiceDocument) -> Self {
        let mut rules = Self::default();
        let secret = secret_mutations(schema);
        let credential_inputs = credential_inputs_of(schema);
        for definition in &schema.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let root = match definition.node.name.node.as_str() {
                "Query" => &mut rules.queries,
                "Mutation" => &mut rules.mutations,
                _ => continue,
            };
            if let TypeKind::Object(object) = &definition.node.kind {
                let fields = object.fields.iter().map(|field| &field.node);
                root.extend(fields.map(|field| {
                    let name = field.name.node.to_string();
                    let rule = rule(field, !secret.contains(&name), &credential_inputs);
                    (name, rule)
                }));
            }
        }
        rules
    }

    /// Returns the mutations that authenticate the caller: those open to anonymous clients, and those that take a
    /// password, a code or a token. One request with many of them would allow many guesses.
    pub fn authenticating_mutations(&self) -> HashSet<String> {
        let authenticating_mutations = self.mutations.iter().filter(|(_, rule)| rule.authenticates);
        authenticating_mutations
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Returns whether an operation selects only introspection fields and mutations open to anonymous clients. These
    /// authenticate in another way, so an expired token must not prevent them from getting a new one.
    pub fn needs_no_token(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> bool {
        let mutates = operation.ty == OperationType::Mutation;
        let open = |name: &str| {
            let rule = self.mutations.get(name).filter(|_| mutates);
            rule.is_some_and(|rule| rule.access == Access::Anyone)
        };
        root_fields(document, operation).all(|(field, _)| {
            let name = field.node.name.node.as_str();
            name.starts_with("__") || open(name)
        })
    }

    /// Returns whether the result of an operation depends on the token of a cart: it selects a field for buyers, or finds
    /// objects by id, which may be a cart.
    pub fn uses_cart_token(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> bool {
        let rules = self.of(operation);
        root_fields(document, operation).any(|(field, _)| {
            let name = field.node.name.node.as_str();
            let rule = rules.get(name);
            matches!(name, "node" | "nodes")
                || rule.is_some_and(|rule| rule.access == Access::Buyer)
        })
    }

    /// Returns whether the response of an operation can be stored and replayed: a mutation whose fields all require a
    /// signed-in viewer or a buyer, and return no secret.
    pub fn is_response_storable(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> bool {
        let is_storable = |name: &str| {
            let rule = self.mutations.get(name);
            rule.is_some_and(|rule| rule.is_storable && rule.access != Access::Anyone)
        };
        operation.ty == OperationType::Mutation
            && root_fields(document, operation).all(|(field, _)| {
                let name = field.node.name.node.as_str();
                name.starts_with("__") || is_storable(name)
            })
    }

    /// Returns the response to an operation of which the viewer may not call any field: each is null, with its error.
    pub fn refusal(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        viewer: Viewer,
    ) -> Option<Response> {
        let rules = self.of(operation);
        let (mut data, mut errors) = (IndexMap::new(), Vec::new());
        for (field, is_certain) in root_fields(document, operation) {
            let rule = rules.get(field.node.name.node.as_str());
            let error = rule.filter(|_| is_certain)?.access.check(viewer).err()?;
            let key = field.node.response_key().node.clone();
            let mut error = error::at(error, field.pos);
            error.path = vec![PathSegment::Field(key.to_string())];
            if data.insert(key, Value::Null).is_none() {
                errors.push(error);
            }
        }
        (!errors.is_empty()).then(|| {
            let mut refused = Response::new(Value::Object(data));
            refused.errors = errors;
            refused
        })
    }

    fn of(&self, operation: &OperationDefinition) -> &HashMap<String, Rule> {
        match operation.ty {
            OperationType::Mutation => &self.mutations,
            _ => &self.queries,
        }
    }
}

fn rule(field: &FieldDefinition, is_storable: bool, credential_inputs: &HashSet<String>) -> Rule {
    let mut auth = field.directives.iter().map(|directive| &directive.node);
    let access = auth.find_map(required).unwrap_or(Access::Admin);
    Rule {
        access,
        is_storable,
        authenticates: access == Access::Anyone || takes_input(field, credential_inputs),
    }
}

/// Whether a field takes one of these input types.
fn takes_input(field: &FieldDefinition, inputs: &HashSet<String>) -> bool {
    let arguments = field.arguments.iter();
    let mut types = arguments.map(|argument| &argument.node.ty.node.base);
    types.any(|kind| matches!(kind, BaseType::Named(name) if inputs.contains(name.as_str())))
}

fn required(directive: &ConstDirective) -> Option<Access> {
    if directive.name.node != "auth" {
        return None;
    }
    let mut arguments = directive.arguments.iter();
    let (_, value) = arguments.find(|(name, _)| name.node == "requires")?;
    match value.node.to_string().as_str() {
        "ANYONE" => Some(Access::Anyone),
        "BUYER" => Some(Access::Buyer),
        "CUSTOMER" => Some(Access::Customer),
        _ => None,
    }
}

/// Returns the root fields of an operation in order, with fragments expanded. The flag is false below a directive,
/// which may exclude the field. A fragment that spreads itself is left to validation.
fn root_fields<'a>(
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
) -> impl Iterator<Item = (&'a Positioned<Field>, bool)> {
    let mut open = vec![(operation.selection_set.node.items.iter(), true)];
    let mut seen = Vec::new();
    let mut fields = Vec::new();
    while let Some((items, is_certain)) = open.last_mut() {
        let Some(selection) = items.next() else {
            open.pop();
            continue;
        };
        let is_certain = *is_certain && selection.node.directives().is_empty();
        match &selection.node {
            Selection::Field(field) => fields.push((field, is_certain)),
            Selection::InlineFragment(fragment) => {
                open.push((fragment.node.selection_set.node.items.iter(), is_certain));
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if !seen.contains(&name) {
                    seen.push(name);
                    let fragment = document.fragments.get(name);
                    let set = fragment.map(|fragment| &fragment.node.selection_set.node);
                    open.extend(set.map(|set| (set.items.iter(), is_certain)));
                }
            }
        }
    }
    fields.into_iter()
}
