//! Conditions on the values of attributes.

use uuid::Uuid;

use super::entity::{AttributeId, ChoiceId, Owner};
use crate::core::range::Range;

/// The maximum number of conditions in a filter.
pub const MAX_CONDITIONS: usize = 20;
/// The maximum number of values in a condition.
pub const MAX_CONDITION_VALUES: usize = 100;

/// Restricts a product list to products with certain values of an attribute, their own or those of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributeCondition {
    pub attribute: AttributeId,
    pub owner: Owner,
    pub values: Wanted,
}

/// The values that satisfy a condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    Texts(Vec<String>),
    /// In millionths.
    Number(Range<i64>),
    Boolean(bool),
    Choices(Vec<ChoiceId>),
    /// In days since 1970.
    Date(Range<i64>),
    Products(Vec<Uuid>),
    Categories(Vec<Uuid>),
}

impl AttributeCondition {
    /// Returns a condition that no product satisfies.
    pub const fn unsatisfiable() -> Self {
        Self {
            attribute: AttributeId(Uuid::nil()),
            owner: Owner::Product,
            values: Wanted::Texts(Vec::new()),
        }
    }
}
