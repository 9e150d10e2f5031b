//! The place that an order is shipped to, as far as prices depend on it.

use crate::core::country::Country;

/// The maximum length of a region and of a postal code, in characters.
pub const MAX_PART: usize = 50;

/// The place that an order is shipped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub country: Country,
    /// See [`region_key`]. Empty if unknown.
    pub region: String,
    /// See [`postal_key`]. Empty if unknown.
    pub postal_code: String,
}

impl Destination {
    /// Creates the destination of an address.
    pub fn new(country: Country, region: Option<&str>, postal_code: Option<&str>) -> Self {
        Self {
            country,
            region: region_key(region.unwrap_or_default()),
            postal_code: postal_key(postal_code.unwrap_or_default()),
        }
    }
}

/// Returns the form in which regions are compared: in upper case, such as `BY`.
pub fn region_key(region: &str) -> String {
    region.trim().to_uppercase()
}

/// Returns the form in which postal codes are compared: in upper case, only letters and digits.
pub fn postal_key(code: &str) -> String {
    let plain = code.chars().filter(|character| character.is_alphanumeric());
    plain.flat_map(char::to_uppercase).collect()
}
