//! The sizes of the schema's lists, derived from the schema once.

use std::collections::{HashMap, HashSet};

use async_graphql::Value;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, ServiceDocument, TypeKind, TypeSystemDefinition,
};

use crate::core::pagination::DEFAULT_PAGE;

/// The assumed number of items of a list without a size argument, such as the images of a product.
const DEFAULT_LIST_SIZE: u64 = 5;
/// The assumed number of items of the lines of a cart, which has up to 100.
const LINES_SIZE: u64 = 20;
/// The assumed number of items of a list whose items are of the type of their parent, such as subcategories. A
/// traversal up and down reaches the same objects repeatedly.
const DEFAULT_RECURSIVE_SIZE: u64 = 10;

/// The fields of each type that has fields.
#[derive(Debug, Default)]
pub struct ListSizes {
    names: HashMap<String, usize>,
    types: Vec<HashMap<String, Field>>,
}

/// The cost properties of a field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The field's type, if it has fields.
    pub output_type: Option<usize>,
    pub multiplicity: Multiplicity,
    /// The number of items if the request has no size argument.
    pub default_size: u64,
    /// Whether the items are of the type of their parent.
    pub is_recursive: bool,
}

/// The number of objects that a field returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplicity {
    One,
    /// An object with a page of as many items as this field's arguments request.
    Page,
    /// A list of as many items as the enclosing page.
    OfPage,
    /// A list of its own size.
    List,
}

impl ListSizes {
    /// Reads the sizes from the arguments of the fields of a schema.
    pub fn read(schema: &ServiceDocument) -> Self {
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
                let output_type = names.get(base(&field.ty.node.base)).copied();
                (
                    field.name.node.to_string(),
                    analyze_field(field, output_type, in_page, output_type == own),
                )
            });
            priced.collect()
        });
        let types = types.collect();
        Self { names, types }
    }

    /// Returns the index of the type of this name, if it has fields.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// Returns a field of a type.
    pub fn field(&self, of: usize, name: &str) -> Option<Field> {
        self.types.get(of)?.get(name).copied()
    }
}

fn analyze_field(
    field: &FieldDefinition,
    output_type: Option<usize>,
    in_page: bool,
    is_own: bool,
) -> Field {
    let multiplicity = match (is_list(field), has_size(field)) {
        (false, false) => Multiplicity::One,
        (false, true) => Multiplicity::Page,
        (true, false) if in_page => Multiplicity::OfPage,
        (true, _) => Multiplicity::List,
    };
    let first = field.arguments.iter().map(|argument| &argument.node);
    let mut first = first.filter(|argument| argument.name.node == "first");
    let default = first.next().and_then(|first| first.default_value.as_ref());
    let default = default.and_then(|default| match &default.node {
        Value::Number(number) => number.as_u64(),
        _ => None,
    });
    let is_recursive = is_own && multiplicity == Multiplicity::List && !has_size(field);
    let default_size = match multiplicity {
        Multiplicity::List if is_recursive => DEFAULT_RECURSIVE_SIZE,
        Multiplicity::List if field.name.node == "lines" => LINES_SIZE,
        Multiplicity::List => DEFAULT_LIST_SIZE,
        _ => u64::from(DEFAULT_PAGE),
    };
    Field {
        output_type,
        multiplicity,
        default_size: default.unwrap_or(default_size),
        is_recursive,
    }
}

/// Returns whether a field has a size argument.
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
