//! Which mutations answer with what must not be kept, such as tokens: read off the schema, so that nobody has to think of
//! it.
//!
//! What a query gives as well is no secret to who asks. What only a mutation gives may be one when it is a text.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{BaseType, ServiceDocument, TypeKind, TypeSystemDefinition};

/// Types that only mutations give, whose texts were looked at: there is no secret among them.
const HARMLESS: [&str; 2] = ["ImportRowIssue", "UserError"];
/// Mutations whose answers tell of somebody who is to be forgotten.
const PERSONAL: [&str; 1] = ["deleteUser"];
/// Scalars that hold no secret; all others are texts.
const PLAIN: [&str; 6] = ["Boolean", "DateTime", "Decimal", "Float", "ID", "Int"];
/// What inputs prove by who sends them.
const PROOFS: [&str; 6] = [
    "code",
    "currentPassword",
    "idToken",
    "otp",
    "password",
    "refreshToken",
];

/// The inputs of a schema that hold a proof of who sends them: a password, a code, a token.
pub fn inputs_with_proofs(schema: &ServiceDocument) -> HashSet<String> {
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
            fields.any(|name| PROOFS.contains(&name))
        }
        _ => false,
    });
    inputs
        .map(|definition| definition.name.node.to_string())
        .collect()
}

/// The mutations of a schema whose answers may hold a secret.
pub fn secret_mutations(schema: &ServiceDocument) -> HashSet<String> {
    let types = Types::read(schema);
    let mut known = types.reachable("Query", &HashSet::new());
    known.extend(HARMLESS);
    let mutations = types.fields.get("Mutation").into_iter().flatten();
    let secret = mutations.filter(|(_, payload)| {
        let own = types.reachable(payload, &known);
        own.into_iter().any(|name| types.is_text(name))
    });
    let secret = secret.map(|(name, _)| *name);
    secret.chain(PERSONAL).map(ToOwned::to_owned).collect()
}

/// The fields of each type, with the types they give; members of a union and of an interface are fields without a name.
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

    /// What can be reached from a type without entering those of `except`, itself among it.
    fn reachable(&self, from: &'a str, except: &HashSet<&'a str>) -> HashSet<&'a str> {
        let mut found = HashSet::new();
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            // A text that a query gives is no reason to take all texts for known.
            let known = except.contains(name) && self.fields.contains_key(name);
            if !known && found.insert(name) {
                let fields = self.fields.get(name).into_iter().flatten();
                open.extend(fields.map(|(_, given)| *given));
            }
        }
        found
    }

    fn is_text(&self, name: &str) -> bool {
        !self.fields.contains_key(name) && !self.enums.contains(name) && !PLAIN.contains(&name)
    }
}

fn base(kind: &BaseType) -> &str {
    match kind {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base(&inner.base),
    }
}
