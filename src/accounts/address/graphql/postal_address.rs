//! GraphQL type of a postal address.

use async_graphql::SimpleObject;

use crate::core::country::CountryCode;
use crate::core::postal_address;

/// A postal address.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(cache_control(private))]
pub struct PostalAddress {
    /// Name of the recipient.
    name: String,
    /// Name of the company. Null if there is none.
    company: Option<String>,
    /// Street and house number.
    street1: String,
    /// Second line of the street, such as the apartment. Null if there is none.
    street2: Option<String>,
    /// City. Null where addresses have none.
    city: Option<String>,
    /// State, province or prefecture. Null if there is none.
    region: Option<String>,
    /// Postal code, as it is written in the country. Null if there is none.
    postal_code: Option<String>,
    /// Country.
    country: CountryCode,
    /// Phone number. Null if there is none.
    phone: Option<String>,
    /// VAT identification number, without spaces. Null if there is none.
    vat_id: Option<String>,
}

impl From<postal_address::PostalAddress> for PostalAddress {
    fn from(address: postal_address::PostalAddress) -> Self {
        Self {
            name: address.name,
            company: address.company,
            street1: address.street1,
            street2: address.street2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country: address.country.into(),
            phone: address.phone,
            vat_id: address.vat_id,
        }
    }
}
