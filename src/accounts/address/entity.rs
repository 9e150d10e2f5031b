//! Entity of the table `addresses`.

use sea_orm::entity::prelude::*;

use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::core::country::Country;
use crate::core::postal_address::PostalAddress;

crate::typed_id!(
    /// The id of an address in an address book.
    AddressId,
    "addr",
    "address"
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "addresses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AddressId,
    pub user_id: UserId,
    pub name: String,
    pub company: Option<String>,
    pub street1: String,
    pub street2: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    pub phone: Option<String>,
    pub vat_id: Option<String>,
    /// Whether orders are shipped to it by default. At most one of a user.
    pub default_shipping: bool,
    /// Whether it is the address of invoices by default. At most one of a user.
    pub default_billing: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();

impl Model {
    /// Returns the address. `None` if its country does not exist any more.
    pub fn postal_address(&self) -> Option<PostalAddress> {
        Some(PostalAddress {
            name: self.name.clone(),
            company: self.company.clone(),
            street1: self.street1.clone(),
            street2: self.street2.clone(),
            city: self.city.clone(),
            region: self.region.clone(),
            postal_code: self.postal_code.clone(),
            country: self.country.parse::<Country>().ok()?,
            phone: self.phone.clone(),
            vat_id: self.vat_id.clone(),
        })
    }

    /// Replaces the address.
    #[must_use]
    pub fn with(self, address: PostalAddress) -> Self {
        Self {
            name: address.name,
            company: address.company,
            street1: address.street1,
            street2: address.street2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country: address.country.code().to_owned(),
            phone: address.phone,
            vat_id: address.vat_id,
            ..self
        }
    }
}
