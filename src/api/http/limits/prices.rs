//! What the schema says of its lists, read off it once.

use std::collections::{HashMap, HashSet};

use async_graphql::Value;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition};

use crate::core::pagination::DEFAULT_PAGE;

/// The number of items that a list is counted as when the request names no size, such as the images of a product.
const USUAL_LIST: u64 = 5;
/// The same of a list of things of its own kind, such as the categories above or below one. Whoever walks up and down
/// meets all of them again and again.
const USUAL_KIN: u64 = 10;

/// The fields of each type that has fields.
#[derive(Debug, Default)]
pub struct Prices {
    names: HashMap<String, usize>,
    types: Vec<HashMap<String, Field>>,
}

/// What a field gives.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The type, when it has fields of its own.
    pub gives: Option<usize>,
    pub many: Many,
    /// How many things it gives when nobody says how many.
    pub usual: u64,
    /// Whether these are of the kind of what has the field.
    pub is_kin: bool,
}

/// How many things a field gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    One,
    /// What has a list, of as many things as are asked for here.
    Page,
    /// A list of as many things as were asked for above.
    OfPage,
    /// A list of its own.
    List,
}

impl Prices {
    /// Reads a schema in the schema definition language.
    pub fn read(sdl: &str) -> Self {
        let Ok(schema) = parse_schema(sdl) else {
            return Self::default();
        };
        let mut composite = Vec::new();
        for definition in &schema.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let fields = match &definition.node.kind {
                TypeKind::Object(kind) => kind.fields.as_slice(),
                TypeKind::Interface(kind) => kind.fields.as_slice(),
                TypeKind::Union(_) => &[],
                TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => continue,
            };
            composite.push((definition.node.name.node.to_string(), fields));
        }
        let names = composite.iter().zip(0..);
        let names: HashMap<_, _> = names.map(|((name, _), at)| (name.clone(), at)).collect();
        let all = composite.iter().flat_map(|(_, fields)| *fields);
        let pages: HashSet<_> = all
            .map(|field| &field.node)
            .filter(|field| has_size(field) && !is_list(field))
            .filter_map(|field| names.get(base(&field.ty.node.base)))
            .collect();
        let types = composite.iter().map(|(name, fields)| {
            let own = names.get(name).copied();
            let in_page = own.is_some_and(|at| pages.contains(&at));
            let fields = fields.iter().map(|field| &field.node);
            let priced = fields.map(|field| {
                let gives = names.get(base(&field.ty.node.base)).copied();
                (
                    field.name.node.to_string(),
                    price(field, gives, in_page, gives == own),
                )
            });
            priced.collect()
        });
        let types = types.collect();
        Self { names, types }
    }

    /// The type of this name; nothing when it has no fields, or is none.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// A field of a type.
    pub fn field(&self, of: usize, name: &str) -> Option<Field> {
        self.types.get(of)?.get(name).copied()
    }
}

fn price(field: &FieldDefinition, gives: Option<usize>, in_page: bool, is_own: bool) -> Field {
    let many = match (is_list(field), has_size(field)) {
        (false, false) => Many::One,
        (false, true) => Many::Page,
        (true, false) if in_page => Many::OfPage,
        (true, _) => Many::List,
    };
    let first = field.arguments.iter().map(|argument| &argument.node);
    let mut first = first.filter(|argument| argument.name.node == "first");
    let default = first.next().and_then(|first| first.default_value.as_ref());
    let default = default.and_then(|default| match &default.node {
        Value::Number(number) => number.as_u64(),
        _ => None,
    });
    let is_kin = is_own && many == Many::List && !has_size(field);
    let usual = match many {
        Many::List if is_kin => USUAL_KIN,
        Many::List => USUAL_LIST,
        _ => u64::from(DEFAULT_PAGE),
    };
    Field {
        gives,
        many,
        usual: default.unwrap_or(usual),
        is_kin,
    }
}

/// Whether one can say how many things a field is to give.
fn has_size(field: &FieldDefinition) -> bool {
    let mut arguments = field.arguments.iter();
    arguments.any(|argument| matches!(argument.node.name.node.as_str(), "first" | "last"))
}

const fn is_list(field: &FieldDefinition) -> bool {
    matches!(field.ty.node.base, BaseType::List(_))
}

fn base(kind: &BaseType) -> &str {
    match kind {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base(&inner.base),
    }
}
