//! The rules of addresses by country.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::postal_code;
use crate::core::country::Country;

/// The table of rules; its header describes it.
const TABLE: &str = include_str!("countries.txt");

static RULES: LazyLock<HashMap<&'static str, Rules>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(Rules::read).collect()
});

/// The rules of the addresses of a country.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The letters of the required parts.
    required: &'static str,
    /// The formats of the postal code, separated by `|`; `-` if any text is one.
    formats: &'static str,
}

impl Rules {
    /// The rules of a country without rules.
    pub const NONE: Self = Self {
        required: "-",
        formats: "-",
    };

    /// Reads a line of the table.
    fn read(line: &'static str) -> Option<(&'static str, Self)> {
        let mut columns = line.split_ascii_whitespace();
        let country = columns.next()?;
        let rules = Self {
            required: columns.next()?,
            formats: columns.next()?,
        };
        Some((country, rules))
    }

    /// Returns the rules of a country.
    pub fn of(country: Country) -> Self {
        RULES.get(country.code()).copied().unwrap_or(Self::NONE)
    }

    /// Whether an address needs a city.
    pub fn requires_city(self) -> bool {
        self.required.contains('C')
    }

    /// Whether an address needs a region: a state, province or prefecture.
    pub fn requires_region(self) -> bool {
        self.required.contains('R')
    }

    /// Whether an address needs a postal code.
    pub fn requires_postal_code(self) -> bool {
        self.required.contains('P')
    }

    /// Returns a postal code as it is written in this country. Case, spaces and hyphens are ignored.
    ///
    /// # Errors
    /// The message for a code of another format.
    pub fn postal_code(self, code: &str) -> Result<String, String> {
        if self.formats == "-" {
            return Ok(code.to_uppercase());
        }
        let compact = postal_code::compact(code);
        let mut formats = self.formats.split('|');
        let found = formats.find_map(|format| postal_code::write(format, &compact));
        found.ok_or_else(|| {
            let example = postal_code::example(self.formats);
            format!("This is not a postal code of this country, such as {example}.")
        })
    }
}
