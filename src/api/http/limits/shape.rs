//! How large a document is when its fragments are written out. Each fragment is counted once, so this takes time in
//! proportion to the document, whatever its fragments multiply to.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, InlineFragment, OperationType, Selection, SelectionSet,
};

/// The lists of the schema that lead back to types.
const SCHEMA_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// What a set of selections comes to, fragments written out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    pub selections: usize,
    /// How many levels of fields there are.
    pub depth: usize,
    /// Aliases, and what is selected again in the same place.
    pub aliases: usize,
    /// How often the lists of the schema stand within one another.
    pub schema_lists: usize,
    /// Of the first level: the fields that ask for the schema, those that ask for anything else, and the mutations that
    /// prove something.
    schema: usize,
    other: usize,
    proofs: usize,
}

/// What a document comes to.
#[derive(Debug, Default)]
pub struct Shapes {
    /// Of its operations and fragments the largest in each way.
    pub largest: Shape,
    /// How many proving mutations an operation has at the most.
    pub proofs: usize,
    /// Whether its operations ask for the schema and nothing else.
    pub are_about_schema: bool,
    pub directives: usize,
    /// How many stand in one place at the most.
    pub directives_each: usize,
}

impl Shapes {
    /// Counts a document, of whose mutations these prove something.
    pub fn of(document: &ExecutableDocument, proving: &HashSet<String>) -> Self {
        let mut counter = Counter {
            document,
            proving,
            counted: HashMap::new(),
            shapes: Self {
                are_about_schema: true,
                ..Self::default()
            },
        };
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            counter.directives(&operation.directives);
            for variable in &operation.variable_definitions {
                counter.directives(&variable.node.directives);
            }
            let shape = counter.set(&operation.selection_set.node);
            let shapes = &mut counter.shapes;
            shapes.largest = shapes.largest.or(shape);
            shapes.are_about_schema &= shape.schema > 0 && shape.other == 0;
            if operation.ty == OperationType::Mutation {
                shapes.proofs = shapes.proofs.max(shape.proofs);
            }
        }
        for name in document.fragments.keys() {
            let shape = counter.fragment(name);
            counter.shapes.largest = counter.shapes.largest.or(shape);
        }
        counter.shapes
    }
}

impl Shape {
    /// Of both what is larger.
    fn or(self, other: Self) -> Self {
        Self {
            selections: self.selections.max(other.selections),
            depth: self.depth.max(other.depth),
            aliases: self.aliases.max(other.aliases),
            schema_lists: self.schema_lists.max(other.schema_lists),
            ..self
        }
    }

    /// Both beside each other.
    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
            schema_lists: self.schema_lists.max(other.schema_lists),
            schema: self.schema.saturating_add(other.schema),
            other: self.other.saturating_add(other.other),
            proofs: self.proofs.saturating_add(other.proofs),
        }
    }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    proving: &'a HashSet<String>,
    /// What each fragment comes to; nothing while it is being counted. One that spreads itself is for validation to
    /// refuse.
    counted: HashMap<&'a Name, Shape>,
    shapes: Shapes,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Shape {
        let (mut sum, mut seen) = (Shape::default(), HashSet::new());
        for selection in &set.items {
            let (key, mut shape) = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let key = ("", field.response_key().node.as_str());
                    (key, self.field(field))
                }
                Selection::InlineFragment(fragment) => {
                    let key = ("on", condition(&fragment.node));
                    (key, self.set(&fragment.node.selection_set.node))
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    (("...", name.as_str()), self.fragment(name))
                }
            };
            self.directives(selection.node.directives());
            shape.selections = shape.selections.saturating_add(1);
            let is_new = seen.insert(key);
            let has_alias =
                matches!(&selection.node, Selection::Field(field) if field.node.alias.is_some());
            let counts = has_alias || !is_new;
            shape.aliases = shape.aliases.saturating_add(usize::from(counts));
            sum = sum.and(shape);
        }
        sum
    }

    fn field(&mut self, field: &'a Field) -> Shape {
        let below = self.set(&field.selection_set.node);
        let name = field.name.node.as_str();
        let is_schema = matches!(name, "__schema" | "__type");
        Shape {
            depth: below.depth + 1,
            schema_lists: below.schema_lists + usize::from(SCHEMA_LISTS.contains(&name)),
            schema: usize::from(is_schema),
            other: usize::from(!name.starts_with("__")),
            proofs: usize::from(self.proving.contains(name)),
            ..below
        }
    }

    fn fragment(&mut self, name: &'a Name) -> Shape {
        if let Some(counted) = self.counted.get(name) {
            return *counted;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Shape::default();
        };
        self.counted.insert(name, Shape::default());
        self.directives(&fragment.node.directives);
        let shape = self.set(&fragment.node.selection_set.node);
        self.counted.insert(name, shape);
        shape
    }

    fn directives(&mut self, here: &[Positioned<Directive>]) {
        self.shapes.directives += here.len();
        self.shapes.directives_each = self.shapes.directives_each.max(here.len());
    }
}

fn condition(fragment: &InlineFragment) -> &str {
    let condition = fragment.type_condition.as_ref();
    condition.map_or("", |condition| condition.node.on.node.as_str())
}
