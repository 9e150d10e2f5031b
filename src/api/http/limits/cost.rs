//! The cost of an operation, based on the number of objects in its lists.

use std::collections::HashMap;
use std::convert::Infallible;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Value, Variables};

use super::prices::{Many, Prices};
use crate::core::pagination::MAX_PAGE;

/// Costs are counted in tenths of the unit of the settings.
pub const SCALE: u64 = 10;
/// The cost of an object.
const OBJECT: u64 = SCALE;
/// The cost of a page of a list without its objects: a database query.
const PAGE: u64 = 5 * SCALE;
/// The cost of a scalar, which is loaded with its object.
const VALUE: u64 = 1;
/// The number of items that a nested list within a tree of its own kind is counted as. A descent reaches no object
/// twice, so the total is bounded by the size of the tree.
const NARROW: u64 = 3;

/// The kind of path to an object, as far as it affects the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way<'a> {
    /// An item of a page; all items are distinct.
    Page,
    /// An item of the list of this name, whose items are of the same type as their parent.
    Kin(&'a str),
    Other,
}

/// The cost of a set of selections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bill {
    once: u64,
    /// The cost per item of the enclosing page.
    each: u64,
}

impl Bill {
    /// Returns the cost of an operation with these variables, or its maximum without them.
    pub fn of(
        prices: &Prices,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: Option<&Variables>,
    ) -> Self {
        let mut counter = Counter {
            prices,
            document,
            operation,
            variables,
            counted: HashMap::new(),
        };
        let root = match operation.ty {
            OperationType::Mutation => "Mutation",
            _ => "Query",
        };
        counter.set(prices.find(root), Way::Other, &operation.selection_set.node)
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
    prices: &'a Prices,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: Option<&'a Variables>,
    /// The cost of each fragment by path; zero while it is being counted.
    counted: HashMap<(&'a Name, Way<'a>), Bill>,
}

impl<'a> Counter<'a> {
    fn set(&mut self, of: Option<usize>, way: Way<'a>, set: &'a SelectionSet) -> Bill {
        let selections = set.items.iter();
        selections.fold(Bill::default(), |sum, selection| {
            sum.and(match &selection.node {
                Selection::Field(field) => self.field(of, way, &field.node),
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let condition = fragment.type_condition.as_ref();
                    let of = condition.map_or(of, |named| self.prices.find(&named.node.on.node));
                    self.set(of, way, &fragment.selection_set.node)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, way)
                }
            })
        })
    }

    fn fragment(&mut self, name: &'a Name, way: Way<'a>) -> Bill {
        if let Some(counted) = self.counted.get(&(name, way)) {
            return *counted;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Bill::default();
        };
        self.counted.insert((name, way), Bill::default());
        let fragment = &fragment.node;
        let of = self.prices.find(&fragment.type_condition.node.on.node);
        let bill = self.set(of, way, &fragment.selection_set.node);
        self.counted.insert((name, way), bill);
        bill
    }

    /// Returns the cost of a field. An unknown field is left to validation.
    fn field(&mut self, of: Option<usize>, way: Way<'a>, field: &'a Field) -> Bill {
        let known = of.and_then(|of| self.prices.field(of, &field.name.node));
        let Some((known, gives)) = known.and_then(|known| Some((known, known.gives?))) else {
            return Bill {
                once: VALUE,
                each: 0,
            };
        };
        let name = field.name.node.as_str();
        let (narrow, below) = match known.many {
            Many::List if known.is_kin => {
                let narrow = way == Way::Page || way == Way::Kin(name);
                (narrow, Way::Kin(name))
            }
            Many::OfPage => (false, Way::Page),
            Many::One if name == "node" => (false, way),
            _ => (false, Way::Other),
        };
        let usual = if narrow { NARROW } else { known.usual };
        let below = self.set(Some(gives), below, &field.selection_set.node);
        let object = OBJECT.saturating_add(below.total());
        let once = match known.many {
            Many::One => object,
            Many::OfPage => {
                return Bill {
                    once: 0,
                    each: object,
                };
            }
            Many::Page => PAGE.saturating_add(below.on_page(self.size(field, usual))),
            Many::List => object.saturating_mul(self.size(field, usual)),
        };
        Bill { once, each: 0 }
    }

    /// Returns the number of items requested of a field, up to the maximum page size.
    fn size(&self, field: &Field, usual: u64) -> u64 {
        let arguments = field.arguments.iter();
        let asked = arguments.filter_map(|(name, value)| {
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
        asked.max().unwrap_or(usual).min(u64::from(MAX_PAGE))
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
