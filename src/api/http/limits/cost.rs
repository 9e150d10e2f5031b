//! How many things an operation asks for, by the sizes of the lists in it.

use std::collections::HashMap;
use std::convert::Infallible;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Value, Variables};

use super::prices::{Many, Prices};
use crate::core::pagination::MAX_PAGE;

/// The costs below are counted in tenths of what the settings name.
pub const SCALE: u64 = 10;
/// What an object costs.
const OBJECT: u64 = SCALE;
/// What a page of a list costs, beside the objects on it: a question to the database.
const PAGE: u64 = 5 * SCALE;
/// What a plain value costs: it is there when its object is.
const VALUE: u64 = 1;
/// How many things a list in a tree is taken to have while one goes down in it. That meets nothing twice, so in all it can't be
/// more than there is.
const NARROW: u64 = 3;

/// The way to an object, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way<'a> {
    /// It is one of a page, which are all different.
    Page,
    /// It is in the list of this name, of something of its own kind.
    Kin(&'a str),
    Other,
}

/// What selections cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bill {
    once: u64,
    /// For each thing on the page that they are of.
    each: u64,
}

impl Bill {
    /// What an operation costs with these variables, or at the most without them.
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

    /// All of it.
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
    /// What each fragment costs at the end of a way; nothing while it is being counted.
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

    /// What is unknown is for validation to refuse, and costs nothing until then.
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

    /// How many things a field is asked for. More than are given at once are not given at all.
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

    /// The value of a variable, null when it has none. Without the variables it is as large as can be.
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
