//! Money: integer minor units in the database, exact decimals in the API, one currency per shop. Never a float.

mod millionths;
mod rate;
mod share;

use std::fmt;
use std::str::FromStr;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};

use crate::core::error::{Error, Result};

pub use millionths::MAX_MILLIONTHS;
pub(in crate::core) use share::{half_up, saturate};
pub use share::{part_of_units, share};

/// The maximum amount: 10^12 minor units.
pub const MAX_MINOR: i64 = 1_000_000_000_000;

/// The shop's currency: an ISO 4217 currency with a minor unit exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    iso: iso_currency::Currency,
    exponent: u32,
}

impl Currency {
    /// Returns the ISO 4217 code, such as `EUR`.
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// Returns the number of decimals of an amount: 2 for EUR, 0 for JPY, 3 for KWD.
    pub const fn exponent(self) -> u32 {
        self.exponent
    }

    /// Returns the code, such as `EUR`, and the symbol, such as `€`, that may stand beside an amount.
    pub fn symbols(self) -> [String; 2] {
        [self.iso.code().to_owned(), self.iso.symbol().symbol]
    }
}

impl FromStr for Currency {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        iso_currency::Currency::from_code(code)
            .and_then(|iso| Some((iso, iso.exponent()?)))
            .map(|(iso, exponent)| Self {
                iso,
                exponent: u32::from(exponent),
            })
            .ok_or_else(|| "not an ISO 4217 currency code such as USD".to_owned())
    }
}

/// An ISO 4217 currency code: three capital letters, such as `EUR`.
#[Scalar(
    name = "CurrencyCode",
    specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html"
)]
impl ScalarType for Currency {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(code) => code.parse().map_err(InputValueError::custom),
            _ => Err(InputValueError::custom("must be a string")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.code().to_owned())
    }
}

/// An exact decimal number: `units` times ten to the power of `-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    units: i64,
    scale: u32,
    /// The parse error of an invalid input value. Reported later, with its field and together with all other errors.
    parse_error: Option<&'static str>,
}

impl Decimal {
    /// Creates the number from minor units.
    pub const fn from_minor(units: i64, currency: Currency) -> Self {
        Self {
            units,
            scale: currency.exponent,
            parse_error: None,
        }
    }

    /// Returns the number if it was parsed; otherwise an error for `field`.
    pub fn check(self, field: &str) -> Result<Self> {
        match self.parse_error {
            None => Ok(self),
            Some(why) => Err(Error::bad_input(field, format!("This is {why}."))),
        }
    }

    /// Converts to minor units of the currency. An amount with more decimals than the currency is refused, not
    /// rounded.
    pub fn to_minor(self, currency: Currency, field: &str) -> Result<i64> {
        self.check(field)?;
        let too_many_decimals = || {
            let decimals = currency.exponent;
            Error::bad_input(
                field,
                format!("An amount in this shop's currency has at most {decimals} decimals."),
            )
        };
        let too_large = || Error::bad_input(field, "This amount is too large.");
        let minor = if self.scale > currency.exponent {
            let divisor = 10_i64.pow(self.scale - currency.exponent);
            if self.units % divisor != 0 {
                return Err(too_many_decimals());
            }
            self.units / divisor
        } else {
            let factor = 10_i64.pow(currency.exponent - self.scale);
            self.units.checked_mul(factor).ok_or_else(too_large)?
        };
        if minor.abs() > MAX_MINOR {
            return Err(too_large());
        }
        Ok(minor)
    }
}

impl Decimal {
    /// Converts to a price in minor units: not below 0, with no more decimals than the currency.
    pub fn to_price(self, currency: Currency) -> Result<i64, String> {
        let minor = self.to_minor(currency, "price");
        match minor.map_err(|wrong| wrong.message().to_owned())? {
            minor @ 0.. => Ok(minor),
            _ => Err("A price must not be negative.".to_owned()),
        }
    }

    /// Returns whether the number is less than a whole number.
    pub fn is_below(self, whole: i64) -> bool {
        i128::from(self.units) < i128::from(whole) * 10_i128.pow(self.scale)
    }

    /// Increases minor units by this percentage, rounded half up. Returns `None` if the result is negative or above
    /// the maximum amount.
    pub fn increase_by_percent(self, minor: i64) -> Option<i64> {
        let whole = 100 * 10_i128.pow(self.scale);
        let raised = i128::from(minor) * (whole + i128::from(self.units));
        let rounded = i64::try_from(half_up(raised, whole)).ok()?;
        (0..=MAX_MINOR).contains(&rounded).then_some(rounded)
    }
}

impl FromStr for Decimal {
    type Err = &'static str;

    /// Parses `19.99`, `-3` or `0.5`: at most one point, with digits on both sides, and at most 18 digits in total.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_A_DECIMAL: &str = "not a decimal number such as \"19.99\"";
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(NOT_A_DECIMAL),
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(NOT_A_DECIMAL);
        }
        if whole.len() + fraction.len() > 18 {
            return Err("a number with more than 18 digits");
        }
        let digits: i64 = [whole, fraction]
            .concat()
            .parse()
            .map_err(|_| NOT_A_DECIMAL)?;
        Ok(Self {
            units: if negative { -digits } else { digits },
            scale: u32::try_from(fraction.len()).map_err(|_| NOT_A_DECIMAL)?,
            parse_error: None,
        })
    }
}

/// An exact decimal number as a string, such as `"19.99"`, with at most 18 digits. Whole numbers may also be sent
/// without quotes. A number with a fraction must be a string, because a JSON number would be converted to a float.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match value {
            Value::String(text) => text.parse(),
            Value::Number(number) if number.is_i64() => number.to_string().parse(),
            _ => Err("not a string with a decimal number, such as \"19.99\""),
        };
        Ok(number.unwrap_or_else(|why| Self {
            units: 0,
            scale: 0,
            parse_error: Some(why),
        }))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs();
        if self.scale == 0 {
            return write!(formatter, "{sign}{digits}");
        }
        let divisor = 10_u64.pow(self.scale);
        let (whole, fraction) = (digits / divisor, digits % divisor);
        let width = self.scale as usize;
        write!(formatter, "{sign}{whole}.{fraction:0width$}")
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct Money {
    /// The amount, with the number of decimals of the currency: `"19.99"`.
    amount: Decimal,
    /// The currency. A shop has one.
    currency: Currency,
}

impl Money {
    /// Creates an amount from minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self {
            amount: Decimal::from_minor(minor, currency),
            currency,
        }
    }
}
