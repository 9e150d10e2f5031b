//! Root fields that change taxes.

use async_graphql::{Context, Object};

use super::inputs::{
    CreateTaxClassInput, CreateTaxClassPayload, DeleteTaxClassInput, DeleteTaxClassPayload,
    DeleteTaxRateInput, DeleteTaxRatePayload, SetTaxRateInput, SetTaxRatePayload,
    UpdateTaxClassInput, UpdateTaxClassPayload,
};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::sales::tax::entity::{TaxClassId, TaxRateId};
use crate::sales::tax::service;

/// Root fields that change taxes.
#[derive(Debug, Default)]
pub struct TaxMutation;

#[Object]
impl TaxMutation {
    /// Creates a tax class: a group of products that are taxed alike. Then set its rates with `setTaxRate`.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `CONFLICT` on `name` if another tax class has it, and if
    /// there are 100 tax classes.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_tax_class(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tax class to create.")] input: CreateTaxClassInput,
    ) -> Result<CreateTaxClassPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::create_class(ctx.state(), admin, input.into()).await)
    }

    /// Updates a tax class. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`; `CONFLICT` on `name` if another tax class has
    /// it, on `isDefault`, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_tax_class(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tax class and its new values.")] input: UpdateTaxClassInput,
    ) -> Result<UpdateTaxClassPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::update_class(ctx.state(), admin, input.into()).await)
    }

    /// Deletes a tax class with its rates.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `id` if variants or shipping methods
    /// have it, or if it is the default among several, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_tax_class(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tax class to delete.")] input: DeleteTaxClassInput,
    ) -> Result<DeleteTaxClassPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = TaxClassId::parse(&input.id, "id")?;
            service::delete_class(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }

    /// Sets the tax rate of a tax class in a country or region: creates it, or changes its name and rate. Increases its
    /// `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `taxClassId`, and on
    /// `expectedVersion` if there is no rate yet; `CONFLICT` on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn set_tax_rate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tax class, the place and the rate.")] input: SetTaxRateInput,
    ) -> Result<SetTaxRatePayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::set_rate(ctx.state(), admin, input.into()).await)
    }

    /// Deletes a tax rate: products of its class are not taxed any more in that country or region.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_tax_rate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tax rate to delete.")] input: DeleteTaxRateInput,
    ) -> Result<DeleteTaxRatePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = TaxRateId::parse(&input.id, "id")?;
            service::delete_rate(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }
}
