//! A range with both ends included and either of them open, as filters use it.

use async_graphql::InputObject;

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::money::{Currency, Decimal};

/// From `gte` to `lte`, both included; an absent end is open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Range<T> {
    pub gte: Option<T>,
    pub lte: Option<T>,
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self {
            gte: None,
            lte: None,
        }
    }
}

impl<T: PartialOrd> Range<T> {
    /// A range whose ends are in order; `field` is the argument it came from.
    pub fn new(gte: Option<T>, lte: Option<T>, field: &str) -> Result<Self> {
        if matches!((&gte, &lte), (Some(gte), Some(lte)) if gte > lte) {
            return Err(Error::bad_input(field, "`gte` is greater than `lte`."));
        }
        Ok(Self { gte, lte })
    }
}

/// A range of moments, both ends included.
#[derive(Debug, InputObject)]
pub struct DateTimeRange {
    /// At this moment or later.
    gte: Option<Timestamp>,
    /// At this moment or earlier. Not before `gte`.
    lte: Option<Timestamp>,
}

impl DateTimeRange {
    /// The range, when its ends are in order.
    pub fn check(self, field: &str) -> Result<Range<Timestamp>> {
        Range::new(self.gte, self.lte, field)
    }
}

/// A range of amounts in the shop's currency, both ends included.
#[derive(Debug, InputObject)]
pub struct AmountRange {
    /// This amount or more.
    gte: Option<Decimal>,
    /// This amount or less. Not below `gte`.
    lte: Option<Decimal>,
}

impl AmountRange {
    /// The range in minor units, when its ends are in order and in the currency's steps.
    pub fn check(self, currency: Currency, field: &str) -> Result<Range<i64>> {
        let minor = |end: Option<Decimal>, name: &str| {
            end.map(|amount| amount.to_minor(currency, &format!("{field}.{name}")))
                .transpose()
        };
        Range::new(minor(self.gte, "gte")?, minor(self.lte, "lte")?, field)
    }
}
