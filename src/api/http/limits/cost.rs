//! The cost of an operation, based on the number of objects in its lists.

use std::collections::HashMap;
use std::convert::Infallible;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Value, Variables};

use super::list_sizes::{ListSizes, Multiplicity};
use crate::core::pagination::MAX_PAGE;

/// Costs are counted in tenths of the unit of the settings.
pub const SCALE: u64 = 10;
/// The cost of an object.
const OBJECT: u64 = SCALE;
/// The cost of a page of a list without its objects: a database query.
const PAGE: u64 = 5 * SCALE;
/// The cost of a scalar, which is loaded with its object, and of an item of a list of scalars.
const SCALAR: u64 = 1;
/// The number of items that a nested list within a tree of its own kind is counted as. A descent reaches no object
/// twice, so the total is bounded by the size of the tree.
const NESTED_RECURSIVE_SIZE: u64 = 3;

/// The kind of path to an object, as far as it affects the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum PathKind<'a> {
    /// An item of a page; all items are distinct.
    Page,
    /// An item of the list of this name, whose items are of the same type as their parent.
    Recursive(&'a str),
    Other,
}

/// The cost of a set of selections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    once: u64,
    /// The cost per item of the enclosing page.
    each: u64,
}

impl Cost {
    /// Returns the cost of an operation with these variables, or its maximum without them.
    pub fn of(
        list_sizes: &ListSizes,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: Option<&Variables>,
    ) -> Self {
        let mut counter = Counter {
            list_sizes,
            document,
            operation,
            variables,
            counted: HashMap::new(),
        };
        let root = match operation.ty {
            OperationType::Mutation => "Mutation",
            _ => "Query",
        };
        counter.set(
            list_sizes.find(root),
            PathKind::Other,
            &operation.selection_set.node,
        )
    }

    /// Returns the total cost.
    pub const fn total(self) -> u64 {
        self.on_page(1)
    }

    const fn on_page(self, size: u64) -> u64 {
        self.once.saturating_add(self.each.saturating_mul(size))
    }

    const fn and(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            each: self.each.saturating_add(other.each),
        }
    }
}

struct Counter<'a> {
    list_sizes: &'a ListSizes,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: Option<&'a Variables>,
    /// The cost of each fragment by path; zero while it is being counted.
    counted: HashMap<(&'a Name, PathKind<'a>), Cost>,
}

impl<'a> Counter<'a> {
    fn set(&mut self, of: Option<usize>, path_kind: PathKind<'a>, set: &'a SelectionSet) -> Cost {
        let selections = set.items.iter();
        selections.fold(Cost::default(), |sum, selection| {
            sum.and(match &selection.node {
                Selection::Field(field) => self.field(of, path_kind, &field.node),
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let condition = fragment.type_condition.as_ref();
                    let of =
                        condition.map_or(of, |named| self.list_sizes.find(&named.node.on.node));
                    self.set(of, path_kind, &fragment.selection_set.node)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, path_kind)
                }
            })
        })
    }

    fn fragment(&mut self, name: &'a Name, path_kind: PathKind<'a>) -> Cost {
        if let Some(counted) = self.counted.get(&(name, path_kind)) {
            return *counted;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Cost::default();
        };
        self.counted.insert((name, path_kind), Cost::default());
        let fragment = &fragment.node;
        let of = self.list_sizes.find(&fragment.type_condition.node.on.node);
        let cost = self.set(of, path_kind, &fragment.selection_set.node);
        self.counted.insert((name, path_kind), cost);
        cost
    }

    /// Returns the cost of a field. An unknown field is left to validation.
    fn field(&mut self, of: Option<usize>, path_kind: PathKind<'a>, field: &'a Field) -> Cost {
        let known = of.and_then(|of| self.list_sizes.field(of, &field.name.node));
        let Some((known, output_type)) = known.and_then(|known| Some((known, known.output_type?)))
        else {
            let list = known.filter(|known| known.multiplicity == Multiplicity::List);
            let items = list.map_or(1, |list| list.default_size);
            return Cost {
                once: SCALAR.saturating_mul(items),
                each: 0,
            };
        };
        let name = field.name.node.as_str();
        let (is_nested, below) = match known.multiplicity {
            Multiplicity::List if known.is_recursive => {
                let is_nested =
                    path_kind == PathKind::Page || path_kind == PathKind::Recursive(name);
                (is_nested, PathKind::Recursive(name))
            }
            Multiplicity::OfPage => (false, PathKind::Page),
            Multiplicity::One if name == "node" => (false, path_kind),
            _ => (false, PathKind::Other),
        };
        let default_size = if is_nested {
            NESTED_RECURSIVE_SIZE
        } else {
            known.default_size
        };
        let below = self.set(Some(output_type), below, &field.selection_set.node);
        let object = OBJECT.saturating_add(below.total());
        let once = match known.multiplicity {
            Multiplicity::One => object,
            Multiplicity::OfPage => {
                return Cost {
                    once: 0,
                    each: object,
                };
            }
            Multiplicity::Page => {
                PAGE.saturating_add(below.on_page(self.size(field, default_size)))
            }
            Multiplicity::List => object.saturating_mul(self.size(field, default_size)),
        };
        Cost { once, each: 0 }
    }

    /// Returns the number of items requested of a field, up to the maximum page size.
    fn size(&self, field: &Field, default_size: u64) -> u64 {
        let arguments = field.arguments.iter();
        let requested = arguments.filter_map(|(name, value)| {
            if !matches!(name.node.as_str(), "first" | "last" | "ids") {
                return None;
            }
            let resolve = |name| Ok::<_, Infallible>(self.variable(&name));
            match value.node.clone().into_const_with(resolve) {
                Ok(Value::Number(size)) => Some(size.as_u64().unwrap_or_default()),
                Ok(Value::List(items)) => u64::try_from(items.len()).ok(),
                _ => None,
            }
        });
        requested
            .max()
            .unwrap_or(default_size)
            .min(u64::from(MAX_PAGE))
    }

    /// Returns the value of a variable, or null. Without variables, the maximum page size.
    fn variable(&self, name: &Name) -> Value {
        let Some(variables) = self.variables else {
            return MAX_PAGE.into();
        };
        if let Some(given) = variables.get(name) {
            return given.clone();
        }
        let defined = self.operation.variable_definitions.iter();
        let mut defined = defined.filter(|defined| defined.node.name.node == *name);
        let default = defined
            .next()
            .and_then(|defined| defined.node.default_value());
        default.cloned().unwrap_or(Value::Null)
    }
}
