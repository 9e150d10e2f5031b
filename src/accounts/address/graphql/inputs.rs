//! Inputs of addresses.

use async_graphql::{ID, InputObject, MaybeUndefined};

use crate::accounts::address::service::{AddressUpdate, Defaults};
use crate::core::country::CountryCode;
use crate::core::postal_address::AddressInput;

/// A postal address. Each text is one line of at most 200 characters, without `<` and `>`. The country decides whether
/// `city`, `region` and `postalCode` are required.
#[derive(Clone, Debug, InputObject)]
pub struct PostalAddressInput {
    /// Name of the recipient.
    name: String,
    /// Name of the company.
    company: Option<String>,
    /// Street and house number.
    street1: String,
    /// Second line of the street, such as the apartment.
    street2: Option<String>,
    /// City.
    city: Option<String>,
    /// State, province or prefecture.
    region: Option<String>,
    /// Postal code of the country. Case, spaces and hyphens are ignored.
    postal_code: Option<String>,
    /// Country.
    country: CountryCode,
    /// Phone number: at most 30 characters.
    phone: Option<String>,
    /// VAT identification number: 4 to 20 letters and digits.
    vat_id: Option<String>,
}

/// Input of `createAddress`. Each text is one line of at most 200 characters, without `<` and `>`. The country decides
/// whether `city`, `region` and `postalCode` are required.
#[derive(Debug, InputObject)]
pub struct CreateAddressInput {
    /// Name of the recipient.
    name: String,
    /// Name of the company.
    company: Option<String>,
    /// Street and house number.
    street1: String,
    /// Second line of the street, such as the apartment.
    street2: Option<String>,
    /// City.
    city: Option<String>,
    /// State, province or prefecture.
    region: Option<String>,
    /// Postal code of the country. Case, spaces and hyphens are ignored.
    postal_code: Option<String>,
    /// Country.
    country: CountryCode,
    /// Phone number: at most 30 characters.
    phone: Option<String>,
    /// VAT identification number: 4 to 20 letters and digits.
    vat_id: Option<String>,
    /// Whether orders are shipped to it by default. The previous default is none any more. Default: false.
    default_shipping: Option<bool>,
    /// Whether it is the address of invoices by default. The previous default is none any more. Default: false.
    default_billing: Option<bool>,
}

/// Input of `updateAddress`. Absent fields stay unchanged, null clears them. The changed address has to be valid.
#[derive(Debug, InputObject)]
pub struct UpdateAddressInput {
    /// The id of the address: `addr_...`.
    pub id: ID,
    /// Name of the recipient.
    name: MaybeUndefined<String>,
    /// Name of the company.
    company: MaybeUndefined<String>,
    /// Street and house number.
    street1: MaybeUndefined<String>,
    /// Second line of the street, such as the apartment.
    street2: MaybeUndefined<String>,
    /// City.
    city: MaybeUndefined<String>,
    /// State, province or prefecture.
    region: MaybeUndefined<String>,
    /// Postal code of the country. Case, spaces and hyphens are ignored.
    postal_code: MaybeUndefined<String>,
    /// Country.
    country: MaybeUndefined<CountryCode>,
    /// Phone number: at most 30 characters.
    phone: MaybeUndefined<String>,
    /// VAT identification number: 4 to 20 letters and digits.
    vat_id: MaybeUndefined<String>,
    /// Whether orders are shipped to it by default. The previous default is none any more.
    default_shipping: Option<bool>,
    /// Whether it is the address of invoices by default. The previous default is none any more.
    default_billing: Option<bool>,
}

/// Input of `deleteAddress`.
#[derive(Debug, InputObject)]
pub struct DeleteAddressInput {
    /// The id of the address: `addr_...`.
    pub id: ID,
}

impl From<PostalAddressInput> for AddressInput {
    fn from(input: PostalAddressInput) -> Self {
        Self {
            name: Some(input.name),
            company: input.company,
            street1: Some(input.street1),
            street2: input.street2,
            city: input.city,
            region: input.region,
            postal_code: input.postal_code,
            country: Some(input.country),
            phone: input.phone,
            vat_id: input.vat_id,
        }
    }
}

impl From<CreateAddressInput> for (AddressInput, Defaults) {
    fn from(input: CreateAddressInput) -> Self {
        let address = AddressInput {
            name: Some(input.name),
            company: input.company,
            street1: Some(input.street1),
            street2: input.street2,
            city: input.city,
            region: input.region,
            postal_code: input.postal_code,
            country: Some(input.country),
            phone: input.phone,
            vat_id: input.vat_id,
        };
        let defaults = Defaults {
            shipping: input.default_shipping,
            billing: input.default_billing,
        };
        (address, defaults)
    }
}

impl From<UpdateAddressInput> for AddressUpdate {
    fn from(input: UpdateAddressInput) -> Self {
        Self {
            name: input.name.into(),
            company: input.company.into(),
            street1: input.street1.into(),
            street2: input.street2.into(),
            city: input.city.into(),
            region: input.region.into(),
            postal_code: input.postal_code.into(),
            country: input.country.into(),
            phone: input.phone.into(),
            vat_id: input.vat_id.into(),
            defaults: Defaults {
                shipping: input.default_shipping,
                billing: input.default_billing,
            },
        }
    }
}
