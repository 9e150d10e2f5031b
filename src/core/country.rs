//! Countries, by their ISO 3166-1 codes.

use std::fmt;
use std::str::FromStr;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// The message for an unknown code.
const UNKNOWN: &str = "This is not an ISO 3166-1 country code such as DE.";

/// A country of ISO 3166-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Returns the alpha-2 code, such as `DE`.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = &'static str;

    /// Parses an alpha-2 code in upper or lower case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        let letters: [u8; 2] = code.as_bytes().try_into().map_err(|_| UNKNOWN)?;
        match code.parse::<iso_currency::Country>() {
            Ok(_) => Ok(Self(letters)),
            Err(_) => Err(UNKNOWN),
        }
    }
}

/// A country code in the API. An unknown code in an input is reported with its field and together with all other errors:
/// see [`CountryCode::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryCode(String);

impl CountryCode {
    /// Returns the country.
    ///
    /// # Errors
    /// If there is no such country.
    pub fn check(&self) -> Result<Country, &'static str> {
        self.0.parse()
    }
}

impl From<Country> for CountryCode {
    fn from(country: Country) -> Self {
        Self(country.code().to_owned())
    }
}

/// An ISO 3166-1 alpha-2 country code: two capital letters, such as `DE`.
#[Scalar(
    name = "CountryCode",
    specified_by_url = "https://www.iso.org/iso-3166-country-codes.html"
)]
impl ScalarType for CountryCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(code) => Ok(Self(code)),
            _ => Err(InputValueError::custom("must be a string")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
