//! GraphQL API of addresses.

mod inputs;
mod loaders;
mod mutations;
mod postal_address;

pub use inputs::PostalAddressInput;
pub use loaders::AddressesOf;
pub use mutations::AddressMutation;
pub use postal_address::PostalAddress;

use async_graphql::{ID, Object};

use super::entity::Model;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;

/// GraphQL object of an address row.
#[derive(Clone, Debug)]
pub struct Address(pub Model);

/// An address in the address book of a user. Customers see their own; admins see all.
#[Object(cache_control(private))]
impl Address {
    /// Opaque, stable id: `addr_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    #[graphql(flatten)]
    #[expect(clippy::unused_async, reason = "a resolver")]
    async fn postal_address(&self) -> Result<PostalAddress> {
        let unknown = || Error::internal(anyhow::anyhow!("the country of an address is unknown"));
        let address = self.0.postal_address().ok_or_else(unknown)?;
        Ok(address.into())
    }

    /// Whether orders are shipped to it by default.
    async fn default_shipping(&self) -> bool {
        self.0.default_shipping
    }

    /// Whether it is the address of invoices by default.
    async fn default_billing(&self) -> bool {
        self.0.default_billing
    }

    /// Time at which the address was added.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}
