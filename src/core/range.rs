//! Inclusive ranges with optional ends, used by filters.

use async_graphql::InputObject;

use crate::core::clock::Timestamp;
use crate::core::date::Date;
use crate::core::error::{Error, Result};
use crate::core::money::{Currency, Decimal};

/// A range from `gte` to `lte`, both inclusive; an absent end is unbounded.
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
    /// Creates a range, whose ends must be in order; `field` is the path of the argument.
    pub fn new(gte: Option<T>, lte: Option<T>, field: &str) -> Result<Self> {
        if matches!((&gte, &lte), (Some(gte), Some(lte)) if gte > lte) {
            return Err(Error::bad_input(field, "`gte` is greater than `lte`."));
        }
        Ok(Self { gte, lte })
    }
}

/// An inclusive range of times. An absent end is unbounded.
#[derive(Debug, InputObject)]
pub struct DateTimeRange {
    /// Earliest time.
    gte: Option<Timestamp>,
    /// Latest time. Must not be before `gte`.
    lte: Option<Timestamp>,
}

impl DateTimeRange {
    /// Validates the range.
    pub fn check(self, field: &str) -> Result<Range<Timestamp>> {
        Range::new(self.gte, self.lte, field)
    }
}

/// An inclusive range of amounts in the shop's currency. An absent end is unbounded.
#[derive(Debug, InputObject)]
pub struct AmountRange {
    /// Minimum amount.
    gte: Option<Decimal>,
    /// Maximum amount. Must not be below `gte`.
    lte: Option<Decimal>,
}

impl AmountRange {
    /// Validates the range and converts it to minor units.
    pub fn check(self, currency: Currency, field: &str) -> Result<Range<i64>> {
        let minor = |end: Option<Decimal>, name: &str| {
            end.map(|amount| amount.to_minor(currency, &format!("{field}.{name}")))
                .transpose()
        };
        Range::new(minor(self.gte, "gte")?, minor(self.lte, "lte")?, field)
    }
}

/// An inclusive range of dates. An absent end is unbounded.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct DateRange {
    /// Earliest date.
    gte: Option<Date>,
    /// Latest date. Must not be before `gte`.
    lte: Option<Date>,
}

impl DateRange {
    /// Validates the range and converts it to days since 1970.
    pub fn check(self, field: &str) -> Result<Range<i64>> {
        Range::new(self.gte.map(Date::days), self.lte.map(Date::days), field)
    }
}

/// A range of numbers. An absent end is unbounded.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct NumberRange {
    /// Minimum, inclusive.
    gte: Option<Decimal>,
    /// Maximum, inclusive. Must not be below `gte`.
    lte: Option<Decimal>,
    /// Upper bound, exclusive. Must be above `gte`. Not together with `lte`.
    lt: Option<Decimal>,
}

impl NumberRange {
    /// Validates the range and converts it to millionths.
    pub fn check(self, field: &str) -> Result<Range<i64>> {
        let millionths = |end: Option<Decimal>, name: &str| {
            let end = end.map(Decimal::to_millionths).transpose();
            end.map_err(|message| Error::bad_input(format!("{field}.{name}"), message))
        };
        let below = millionths(self.lt, "lt")?.map(|end| end - 1);
        let high = match (millionths(self.lte, "lte")?, below) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input(field, "Give either `lte` or `lt`."));
            }
            (high, below) => high.or(below),
        };
        Range::new(millionths(self.gte, "gte")?, high, field)
    }
}
