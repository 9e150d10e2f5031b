//! The size of a document with fragments expanded. Each fragment is counted once, so this takes linear time, even if
//! the expanded size is exponential.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, InlineFragment, OperationType, Selection, SelectionSet,
};

/// The lists of the schema that lead back to types.
const SCHEMA_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// The size of a selection set with fragments expanded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    pub selections: usize,
    /// The number of levels of fields.
    pub depth: usize,
    /// Aliases, and repeated selections of the same set.
    pub aliases: usize,
    /// The nesting depth of the schema's lists.
    pub schema_lists: usize,
    /// On the first level: introspection fields, other fields, and mutations that authenticate the caller.
    schema: usize,
    other: usize,
    authentications: usize,
}

/// The size of a document.
#[derive(Debug, Default)]
pub struct Shapes {
    /// The maximum of each measure over all operations and fragments.
    pub largest: Shape,
    /// The maximum number of authenticating mutations in an operation.
    pub authentications: usize,
    /// Whether all operations only query the schema.
    pub are_about_schema: bool,
    pub directives: usize,
    /// The maximum number of directives at one location.
    pub directives_each: usize,
}

impl Shapes {
    /// Counts a document; `authenticating_mutations` are the mutations that authenticate the caller.
    pub fn of(document: &ExecutableDocument, authenticating_mutations: &HashSet<String>) -> Self {
        let mut counter = Counter {
            document,
            authenticating_mutations,
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
                shapes.authentications = shapes.authentications.max(shape.authentications);
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
    /// Returns the maximum of each measure.
    fn or(self, other: Self) -> Self {
        Self {
            selections: self.selections.max(other.selections),
            depth: self.depth.max(other.depth),
            aliases: self.aliases.max(other.aliases),
            schema_lists: self.schema_lists.max(other.schema_lists),
            ..self
        }
    }

    /// Returns the size of both selection sets together.
    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
            schema_lists: self.schema_lists.max(other.schema_lists),
            schema: self.schema.saturating_add(other.schema),
            other: self.other.saturating_add(other.other),
            authentications: self.authentications.saturating_add(other.authentications),
        }
    }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    authenticating_mutations: &'a HashSet<String>,
    /// The size of each fragment; zero while it is being counted. A fragment that spreads itself is left to
    /// validation.
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
            authentications: usize::from(self.authenticating_mutations.contains(name)),
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
