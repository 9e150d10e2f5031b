//! Postal addresses: their parts, checked by the rules of the country.

mod postal_code;
mod rules;

use serde::{Deserialize, Serialize};

use crate::core::country::{Country, CountryCode};
use crate::core::phone_number;
use crate::core::text;
use crate::core::validation::Validator;

use self::rules::Rules;

/// The maximum length of a line of an address in characters.
pub const MAX_LINE: usize = 200;
/// The maximum length of a postal code, and of a VAT identification number, in characters.
const MAX_CODE: usize = 20;
/// The minimum length of a VAT identification number in characters.
const MIN_VAT_ID: usize = 4;

/// The message for a required part that is absent.
const EMPTY: &str = "This must not be empty.";

/// A valid postal address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PostalAddress {
    pub name: String,
    pub company: Option<String>,
    pub street1: String,
    pub street2: Option<String>,
    pub city: Option<String>,
    /// State, province or prefecture.
    pub region: Option<String>,
    pub postal_code: Option<String>,
    #[serde(with = "stored_country")]
    pub country: Country,
    pub phone: Option<String>,
    pub vat_id: Option<String>,
}

impl PostalAddress {
    /// Returns the lines of the address for display, without the phone number and the VAT identification number.
    pub fn lines(&self) -> Vec<String> {
        let place = [&self.postal_code, &self.city].into_iter().flatten();
        let place: Vec<_> = place.map(String::as_str).collect();
        let place = Some(place.join(" ")).filter(|place| !place.is_empty());
        let lines = [
            Some(self.name.clone()),
            self.company.clone(),
            Some(self.street1.clone()),
            self.street2.clone(),
            place,
            self.region.clone(),
            Some(self.country.code().to_owned()),
        ];
        lines.into_iter().flatten().collect()
    }
}

/// A postal address as sent by a client. Blank parts count as absent.
#[derive(Clone, Debug, Default)]
pub struct AddressInput {
    pub name: Option<String>,
    pub company: Option<String>,
    pub street1: Option<String>,
    pub street2: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<CountryCode>,
    pub phone: Option<String>,
    pub vat_id: Option<String>,
}

impl AddressInput {
    /// Checks the address, and records the errors of all parts. `prefix` is the path of the address in the input, such as
    /// `shippingAddress.`, or empty.
    pub fn check(self, validator: &mut Validator, prefix: &str) -> Option<PostalAddress> {
        let mut parts = Parts { validator, prefix };
        let country = self.country.ok_or(EMPTY).and_then(|code| code.check());
        let country = parts.record("country", country);
        // Nothing more is required of an unknown country.
        let rules = country.map_or(Rules::NONE, Rules::of);
        let postal_code_of = |code: &str| {
            let code = check_line(code, MAX_CODE)?;
            rules.postal_code(&code)
        };
        let name = parts.line("name", self.name.as_deref(), true);
        let company = parts.line("company", self.company.as_deref(), false);
        let street1 = parts.line("street1", self.street1.as_deref(), true);
        let street2 = parts.line("street2", self.street2.as_deref(), false);
        let city = parts.line("city", self.city.as_deref(), rules.requires_city());
        let region = parts.line("region", self.region.as_deref(), rules.requires_region());
        let required = rules.requires_postal_code();
        let postal_code = parts.check(
            "postalCode",
            self.postal_code.as_deref(),
            required,
            postal_code_of,
        );
        let phone = parts.check("phone", self.phone.as_deref(), false, phone_number::check);
        let vat_id = parts.check("vatId", self.vat_id.as_deref(), false, check_vat_id);
        Some(PostalAddress {
            name: name?,
            company,
            street1: street1?,
            street2,
            city,
            region,
            postal_code,
            country: country?,
            phone,
            vat_id,
        })
    }
}

impl From<PostalAddress> for AddressInput {
    fn from(address: PostalAddress) -> Self {
        Self {
            name: Some(address.name),
            company: address.company,
            street1: Some(address.street1),
            street2: address.street2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country: Some(address.country.into()),
            phone: address.phone,
            vat_id: address.vat_id,
        }
    }
}

/// Checks the parts of an address.
struct Parts<'a> {
    validator: &'a mut Validator,
    prefix: &'a str,
}

impl Parts<'_> {
    fn line(&mut self, name: &str, given: Option<&str>, is_required: bool) -> Option<String> {
        self.check(name, given, is_required, |text| check_line(text, MAX_LINE))
    }

    fn check<T>(
        &mut self,
        name: &str,
        given: Option<&str>,
        is_required: bool,
        check: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let checked = match given.map(str::trim) {
            None | Some("") if is_required => Err(EMPTY.to_owned()),
            None | Some("") => return None,
            Some(text) => check(text),
        };
        self.record(name, checked)
    }

    fn record<T>(&mut self, name: &str, checked: Result<T, impl Into<String>>) -> Option<T> {
        let field = format!("{}{name}", self.prefix);
        self.validator.check(&field, checked)
    }
}

/// Stores a country as its code.
mod stored_country {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::core::country::Country;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of serde")]
    pub fn serialize<S: Serializer>(country: &Country, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(country.code())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Country, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(D::Error::custom)
    }
}

/// Checks a line. Markup, line breaks and characters that reorder the text around them are refused, not removed: they are
/// no part of an address.
fn check_line(text: &str, max: usize) -> Result<String, String> {
    let is_directional =
        |character| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text
        .chars()
        .any(|character| character.is_control() || is_directional(character))
    {
        return Err("Line breaks and invisible characters are not allowed.".to_owned());
    }
    if text.contains(['<', '>']) {
        return Err("The characters < and > are not allowed.".to_owned());
    }
    text::check_line(text, max)
}

/// Checks a VAT identification number: letters and digits, without the separators.
fn check_vat_id(text: &str) -> Result<String, String> {
    let plain = text
        .chars()
        .filter(|character| !matches!(character, ' ' | '.' | '-'));
    let id: String = plain.flat_map(char::to_uppercase).collect();
    let is_code = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_code || !(MIN_VAT_ID..=MAX_CODE).contains(&id.len()) {
        return Err("This is not a VAT identification number.".to_owned());
    }
    Ok(id)
}
