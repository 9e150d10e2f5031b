//! Mutations of address books.

use async_graphql::{Context, ID, Object};

use super::Address;
use super::inputs::{CreateAddressInput, DeleteAddressInput, UpdateAddressInput};
use crate::accounts::address::entity::{AddressId, Model};
use crate::accounts::address::service;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::payload;

/// Root fields that change address books.
#[derive(Debug, Default)]
pub struct AddressMutation;

#[Object]
impl AddressMutation {
    /// Adds an address to your address book, which has at most 50.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `CONFLICT` if there are 50 addresses.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn create_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address.")] input: CreateAddressInput,
    ) -> Result<CreateAddressPayload> {
        let (state, caller) = (ctx.state(), ctx.viewer().signed_in()?);
        let (address, defaults) = input.into();
        into_payload(service::create(state, caller, address, defaults).await)
    }

    /// Updates an address of your address book.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn update_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address and its changes.")] input: UpdateAddressInput,
    ) -> Result<UpdateAddressPayload> {
        let (state, caller) = (ctx.state(), ctx.viewer().signed_in()?);
        let done = async {
            let id = AddressId::parse(&input.id, "id")?;
            service::update(state, caller, id, input.into()).await
        };
        into_payload(done.await)
    }

    /// Deletes an address of your address book. A cart with this address keeps it.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn delete_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address to delete.")] input: DeleteAddressInput,
    ) -> Result<DeleteAddressPayload> {
        let (state, caller) = (ctx.state(), ctx.viewer().signed_in()?);
        let done = async {
            let id = AddressId::parse(&input.id, "id")?;
            service::delete(state, caller, id).await
        };
        into_payload(done.await)
    }
}

payload! {
    /// Payload of `createAddress`.
    CreateAddressPayload,
    /// Payload of `updateAddress`.
    UpdateAddressPayload,
    (Model as address) {
        /// The address in its new state. Null if nothing was changed.
        address: Option<Address> = Some(Address(address)),
    }
}

payload! {
    /// Payload of `deleteAddress`.
    DeleteAddressPayload,
    (Model as address) {
        /// The id of the deleted address. Null if nothing was deleted.
        address_id: Option<ID> = Some(address.id.encode().into()),
        /// The address as it was.
        address: Option<Address> = Some(Address(address)),
    }
}
