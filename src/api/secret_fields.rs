//! Mutations whose responses contain secrets, such as tokens, and must not be stored: derived from the schema, so
//! that a new mutation needs no registration.
//!
//! A type that a query can return is not secret to its caller. A string that only a mutation can return may be one.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{BaseType, ServiceDocument, TypeKind, TypeSystemDefinition};

/// Types returned by mutations only, whose strings were reviewed: none is a secret.
const REVIEWED_TYPES: [&str; 2] = ["ImportRowIssue", "UserError"];
/// Mutations whose responses contain personal data of a user that is to be erased.
const PERSONAL_DATA_MUTATIONS: [&str; 1] = ["deleteUser"];
/// Scalars that hold no secret; all others are strings.
const NON_SECRET_SCALARS: [&str; 6] = ["Boolean", "DateTime", "Decimal", "Float", "ID", "Int"];
/// Input fields that authenticate the caller.
const CREDENTIAL_FIELDS: [&str; 6] = [
    "code",
    "currentPassword",
    "idToken",
    "otp",
    "password",
    "refreshToken",
];

/// Inputs whose field `code` is that of a discount or an attribute, which an admin chooses.
const PUBLIC_CODE_INPUTS: [&str; 6] = [
    "CreateAttributeChoiceInput",
    "CreateAttributeInput",
    "CreateDiscountInput",
    "UpdateAttributeChoiceInput",
    "UpdateAttributeInput",
    "UpdateDiscountInput",
];

/// Returns the input types that contain a credential: a password, a code or a token.
pub fn credential_inputs_of(schema: &ServiceDocument) -> HashSet<String> {
    let types = schema
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(&definition.node),
            _ => None,
        });
    let inputs = types.filter(|definition| match &definition.kind {
        TypeKind::InputObject(kind) => {
            let mut fields = kind
                .fields
                .iter()
                .map(|field| field.node.name.node.as_str());
            fields.any(|name| CREDENTIAL_FIELDS.contains(&name))
                && !PUBLIC_CODE_INPUTS.contains(&definition.name.node.as_str())
        }
        _ => false,
    });
    inputs
        .map(|definition| definition.name.node.to_string())
        .collect()
}

/// Returns the mutations of a schema whose responses may contain a secret.
pub fn secret_mutations(schema: &ServiceDocument) -> HashSet<String> {
    let types = Types::read(schema);
    let mut known = types.reachable("Query", &HashSet::new());
    known.extend(REVIEWED_TYPES);
    let mutations = types.fields.get("Mutation").into_iter().flatten();
    let secret = mutations.filter(|(_, payload)| {
        let own = types.reachable(payload, &known);
        own.into_iter().any(|name| types.is_text(name))
    });
    let secret = secret.map(|(name, _)| *name);
    secret
        .chain(PERSONAL_DATA_MUTATIONS)
        .map(ToOwned::to_owned)
        .collect()
}

/// The fields of each type with their types. Members of a union or interface are fields without a name.
struct Types<'a> {
    fields: HashMap<&'a str, Vec<(&'a str, &'a str)>>,
    enums: HashSet<&'a str>,
}

impl<'a> Types<'a> {
    fn read(schema: &'a ServiceDocument) -> Self {
        let (mut fields, mut enums) = (HashMap::<_, Vec<_>>::new(), HashSet::new());
        for definition in &schema.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.as_str();
            let own = match &definition.node.kind {
                TypeKind::Object(kind) => {
                    for interface in &kind.implements {
                        let members = fields.entry(interface.node.as_str()).or_default();
                        members.push(("", name));
                    }
                    &kind.fields
                }
                TypeKind::Interface(kind) => &kind.fields,
                TypeKind::Union(kind) => {
                    let members = kind.members.iter().map(|member| ("", member.node.as_str()));
                    fields.entry(name).or_default().extend(members);
                    continue;
                }
                TypeKind::Enum(_) => {
                    enums.insert(name);
                    continue;
                }
                TypeKind::Scalar | TypeKind::InputObject(_) => continue,
            };
            let own = own.iter().map(|field| {
                let field = &field.node;
                (field.name.node.as_str(), base(&field.ty.node.base))
            });
            fields.entry(name).or_default().extend(own);
        }
        Self { fields, enums }
    }

    /// Returns the types reachable from a type, including itself, without entering the types in `except`.
    fn reachable(&self, from: &'a str, except: &HashSet<&'a str>) -> HashSet<&'a str> {
        let mut found = HashSet::new();
        let mut stack = vec![from];
        while let Some(name) = stack.pop() {
            // A string scalar returned by a query does not make every string known.
            let known = except.contains(name) && self.fields.contains_key(name);
            if !known && found.insert(name) {
                let fields = self.fields.get(name).into_iter().flatten();
                stack.extend(fields.map(|(_, given)| *given));
            }
        }
        found
    }

    fn is_text(&self, name: &str) -> bool {
        !self.fields.contains_key(name)
            && !self.enums.contains(name)
            && !NON_SECRET_SCALARS.contains(&name)
    }
}

fn base(kind: &BaseType) -> &str {
    match kind {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base(&inner.base),
    }
}
