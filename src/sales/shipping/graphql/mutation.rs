//! Root fields that change shipping zones and methods.

use async_graphql::{Context, Object};

use super::inputs::{
    CreateShippingZoneInput, CreateShippingZonePayload, DeleteShippingZoneInput,
    DeleteShippingZonePayload, UpdateShippingZoneInput, UpdateShippingZonePayload,
};
use super::method_inputs::{
    CreateShippingMethodInput, CreateShippingMethodPayload, DeleteShippingMethodInput,
    DeleteShippingMethodPayload, UpdateShippingMethodInput, UpdateShippingMethodPayload,
};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::sales::shipping::entity::{ShippingMethodId, ShippingZoneId};
use crate::sales::shipping::service;

/// Root fields that change shipping zones and methods.
#[derive(Debug, Default)]
pub struct ShippingMutation;

#[Object]
impl ShippingMutation {
    /// Creates a shipping zone: countries, regions or postal codes with the same shipping methods. Then add methods with
    /// `createShippingMethod`.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field, such as `countries.0.country`; `CONFLICT` on `name` if
    /// another zone has it, on the country of each part that belongs to another zone, and if there are 100 zones.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_shipping_zone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The zone to create.")] input: CreateShippingZoneInput,
    ) -> Result<CreateShippingZonePayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::create_zone(ctx.state(), admin, input.into()).await)
    }

    /// Updates a shipping zone. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`; `CONFLICT` on `name` if another zone has it, on
    /// the country of each part that belongs to another zone, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_shipping_zone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The zone and its new values.")] input: UpdateShippingZoneInput,
    ) -> Result<UpdateShippingZonePayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::update_zone(ctx.state(), admin, input.into()).await)
    }

    /// Deletes a shipping zone with its methods.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_shipping_zone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The zone to delete.")] input: DeleteShippingZoneInput,
    ) -> Result<DeleteShippingZonePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ShippingZoneId::parse(&input.id, "id")?;
            service::delete_zone(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }

    /// Creates a shipping method in a zone.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field, such as `brackets.1.from`; `NOT_FOUND` on `zoneId` and
    /// `taxClassId`; `CONFLICT` on `zoneId` if the zone has 50 methods.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_shipping_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The shipping method to create.")] input: CreateShippingMethodInput,
    ) -> Result<CreateShippingMethodPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::create_method(ctx.state(), admin, input.into()).await)
    }

    /// Updates a shipping method. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `id` and `taxClassId`; `CONFLICT` on
    /// `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_shipping_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The shipping method and its new values.")]
        input: UpdateShippingMethodInput,
    ) -> Result<UpdateShippingMethodPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::update_method(ctx.state(), admin, input.into()).await)
    }

    /// Deletes a shipping method.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_shipping_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The shipping method to delete.")] input: DeleteShippingMethodInput,
    ) -> Result<DeleteShippingMethodPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ShippingMethodId::parse(&input.id, "id")?;
            service::delete_method(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }
}
