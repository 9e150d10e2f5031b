//! Calendar dates without a time, stored as days since 1970.

use std::fmt;
use std::str::FromStr;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use time::macros::format_description;

/// The Julian day of 1970-01-01.
const EPOCH: i64 = 2_440_588;

/// A calendar date of the years 0 to 9999: the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i64);

impl Date {
    /// Creates a date from the number of days since 1970-01-01. `None` outside of the years 0 to 9999.
    pub fn from_days(days: i64) -> Option<Self> {
        let date = to_date(days)?;
        (0..=9_999).contains(&date.year()).then_some(Self(days))
    }

    /// Returns the number of days since 1970-01-01.
    pub const fn days(self) -> i64 {
        self.0
    }
}

fn to_date(days: i64) -> Option<time::Date> {
    let julian = i32::try_from(days.checked_add(EPOCH)?).ok()?;
    time::Date::from_julian_day(julian).ok()
}

impl FromStr for Date {
    type Err = &'static str;

    /// Parses `2026-03-01`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_A_DATE: &str = "not a date such as 2026-03-01";
        let format = format_description!("[year]-[month]-[day]");
        // The library would also accept a sign.
        if !text.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(NOT_A_DATE);
        }
        let date = time::Date::parse(text, format).map_err(|_| NOT_A_DATE)?;
        Ok(Self(i64::from(date.to_julian_day()) - EPOCH))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(date) = to_date(self.0) else {
            return Ok(());
        };
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

/// A calendar date without a time, such as `2026-03-01` (ISO 8601).
#[Scalar(
    name = "Date",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else {
            return Err(InputValueError::custom("must be a string"));
        };
        text.parse().map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}
