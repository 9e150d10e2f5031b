//! Money: integer minor units in the database, exact decimals in the API, one currency for the shop. Never a float.

use std::fmt;
use std::str::FromStr;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};

use crate::core::error::{Error, Result};

/// The most an amount may be: 10^12 minor units.
pub const MAX_MINOR: i64 = 1_000_000_000_000;

/// The shop's currency: an ISO 4217 currency that is counted in something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    iso: iso_currency::Currency,
    exponent: u32,
}

impl Currency {
    /// The ISO 4217 code, such as `EUR`.
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many decimals an amount has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub const fn exponent(self) -> u32 {
        self.exponent
    }

    /// What stands beside an amount: the code, such as `EUR`, and the symbol, such as `€`.
    pub fn signs(self) -> [String; 2] {
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
            .ok_or_else(|| "not the ISO 4217 code of a currency, such as USD".to_owned())
    }
}

/// The three capital letters of an ISO 4217 currency, such as `EUR`.
#[Scalar(
    name = "CurrencyCode",
    specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html"
)]
impl ScalarType for Currency {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(code) => code.parse().map_err(InputValueError::custom),
            _ => Err(InputValueError::custom("send a text")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.code().to_owned())
    }
}

/// An exact decimal number: `units` of ten to the power of `-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    units: i64,
    scale: u32,
    /// Why what a client sent is no such number. It is told together with all else that is wrong, and with its field.
    fault: Option<&'static str>,
}

impl Decimal {
    /// The number as it stands in the database, in minor units.
    pub const fn from_minor(units: i64, currency: Currency) -> Self {
        Self {
            units,
            scale: currency.exponent,
            fault: None,
        }
    }

    /// The number, if what was sent is one; `field` is where.
    pub fn check(self, field: &str) -> Result<Self> {
        match self.fault {
            None => Ok(self),
            Some(why) => Err(Error::bad_input(field, format!("This is {why}."))),
        }
    }

    /// Minor units of the currency; an amount with more decimals than the currency has is refused, not rounded.
    pub fn to_minor(self, currency: Currency, field: &str) -> Result<i64> {
        self.check(field)?;
        let too_fine = || {
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
                return Err(too_fine());
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
    /// A price in minor units: not below 0, with no more decimals than the currency has.
    pub fn to_price(self, currency: Currency) -> Result<i64, String> {
        let minor = self.to_minor(currency, "price");
        match minor.map_err(|wrong| wrong.message().to_owned())? {
            minor @ 0.. => Ok(minor),
            _ => Err("A price is not below 0.".to_owned()),
        }
    }

    /// Whether it is less than this whole number.
    pub fn is_below(self, whole: i64) -> bool {
        i128::from(self.units) < i128::from(whole) * 10_i128.pow(self.scale)
    }

    /// Minor units changed by this many per cent, rounded to whole ones, halves up; nothing when that is below 0 or more
    /// than an amount may be.
    pub fn raise(self, minor: i64) -> Option<i64> {
        let whole = 100 * 10_i128.pow(self.scale);
        let raised = i128::from(minor) * (whole + i128::from(self.units));
        let rounded = (2 * raised + whole).div_euclid(2 * whole);
        let rounded = i64::try_from(rounded).ok()?;
        (0..=MAX_MINOR).contains(&rounded).then_some(rounded)
    }
}

impl FromStr for Decimal {
    type Err = &'static str;

    /// Reads `19.99`, `-3` or `0.5`: digits, at most one point with digits on both sides, at most 18 digits in all.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "not a decimal number such as \"19.99\"";
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(WRONG),
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(WRONG);
        }
        if whole.len() + fraction.len() > 18 {
            return Err("a number of too many digits");
        }
        let digits: i64 = [whole, fraction].concat().parse().map_err(|_| WRONG)?;
        Ok(Self {
            units: if negative { -digits } else { digits },
            scale: u32::try_from(fraction.len()).map_err(|_| WRONG)?,
            fault: None,
        })
    }
}

/// An exact decimal number as a text, such as `"19.99"`. Whole numbers may be sent without quotes; a number with a
/// fraction must be a text, because a JSON number would pass through a float.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match value {
            Value::String(text) => text.parse(),
            Value::Number(number) if number.is_i64() => number.to_string().parse(),
            _ => Err("not a text with a decimal number, such as \"19.99\""),
        };
        Ok(number.unwrap_or_else(|why| Self {
            units: 0,
            scale: 0,
            fault: Some(why),
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
    /// How much, with as many decimals as the currency has: `"19.99"`.
    amount: Decimal,
    /// Of which currency. A shop has one.
    currency: Currency,
}

impl Money {
    /// An amount of minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self {
            amount: Decimal::from_minor(minor, currency),
            currency,
        }
    }
}
