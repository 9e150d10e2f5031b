//! Root fields that change attributes, choices and product types.

use async_graphql::{Context, Object};

use super::inputs::{
    CreateAttributeChoiceInput, CreateAttributeInput, CreateProductTypeInput,
    DeleteAttributeChoiceInput, DeleteAttributeInput, DeleteProductTypeInput,
    ReorderAttributeChoicesInput, ReorderAttributesInput, UpdateAttributeChoiceInput,
    UpdateAttributeInput, UpdateProductTypeInput,
};
use super::payloads::{
    CreateAttributeChoicePayload, CreateAttributePayload, CreateProductTypePayload,
    DeleteAttributeChoicePayload, DeleteAttributePayload, DeleteProductTypePayload,
    ReorderAttributeChoicesPayload, ReorderAttributesPayload, UpdateAttributeChoicePayload,
    UpdateAttributePayload, UpdateProductTypePayload,
};
use crate::catalog::attribute::entity::{AttributeId, ChoiceId, ProductTypeId};
use crate::catalog::attribute::service;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that change attributes.
#[derive(Debug, Default)]
pub struct AttributeMutation;

#[Object]
impl AttributeMutation {
    /// Creates an attribute, after all others. Add choices with `createAttributeChoice`.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `CONFLICT` on `code` if another attribute has it, and if there are
    /// 1,000 attributes.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attribute to create.")] input: CreateAttributeInput,
    ) -> Result<CreateAttributePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let (input, fields) = input.into();
        into_payload(service::create(state, admin, input, fields).await)
    }

    /// Updates an attribute. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`; `CONFLICT` on `code` if another attribute has it, and
    /// on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attribute and its new values.")] input: UpdateAttributeInput,
    ) -> Result<UpdateAttributePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = AttributeId::parse(&input.id, "id")?;
            let target = (id, input.expected_version);
            service::update(state, admin, target, input.into()).await
        };
        into_payload(done.await)
    }

    /// Deletes an attribute with its choices, and the values that products and variants have of it.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attribute to delete.")] input: DeleteAttributeInput,
    ) -> Result<DeleteAttributePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = AttributeId::parse(&input.id, "id")?;
            service::delete(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }

    /// Puts all attributes in a new order: that of facets, and of the values of products without a product type.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `CONFLICT` if `attributeIds` does not contain each attribute exactly
    /// once.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn reorder_attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new order.")] input: ReorderAttributesInput,
    ) -> Result<ReorderAttributesPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let ids = input.attribute_ids.iter();
            let ids = ids.map(|id| AttributeId::parse(id, "attributeIds"));
            let ids: Vec<_> = ids.collect::<Result<_>>()?;
            service::reorder(state, admin, &ids).await
        };
        into_payload(done.await)
    }
}

/// Root fields that change the choices of attributes.
#[derive(Debug, Default)]
pub struct AttributeChoiceMutation;

#[Object]
impl AttributeChoiceMutation {
    /// Creates a choice of an attribute, after its others.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field, and on `attributeId` for an attribute of another type; `NOT_FOUND`
    /// on `attributeId`; `CONFLICT` on `name` and `code` if another choice of the attribute has it, and if there are 500.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_attribute_choice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The choice to create.")] input: CreateAttributeChoiceInput,
    ) -> Result<CreateAttributeChoicePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let attribute = AttributeId::parse(&input.attribute_id, "attributeId")?;
            service::create_choice(state, admin, attribute, input.into()).await
        };
        into_payload(done.await)
    }

    /// Updates a choice. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`; `CONFLICT` on `name` and `code` if another choice of
    /// the attribute has it, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_attribute_choice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The choice and its new values.")] input: UpdateAttributeChoiceInput,
    ) -> Result<UpdateAttributeChoicePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ChoiceId::parse(&input.id, "id")?;
            let target = (id, input.expected_version);
            service::update_choice(state, admin, target, input.into()).await
        };
        into_payload(done.await)
    }

    /// Deletes a choice. Products and variants lose it.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_attribute_choice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The choice to delete.")] input: DeleteAttributeChoiceInput,
    ) -> Result<DeleteAttributeChoicePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ChoiceId::parse(&input.id, "id")?;
            service::delete_choice(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }

    /// Puts the choices of an attribute in a new order.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id, and on `attributeId` for an attribute of another type; `NOT_FOUND` on
    /// `attributeId`; `CONFLICT` if `choiceIds` does not contain each choice of the attribute exactly once.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn reorder_attribute_choices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attribute and the new order.")] input: ReorderAttributeChoicesInput,
    ) -> Result<ReorderAttributeChoicesPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let attribute = AttributeId::parse(&input.attribute_id, "attributeId")?;
            let ids = input.choice_ids.iter();
            let ids = ids.map(|id| ChoiceId::parse(id, "choiceIds"));
            let ids: Vec<_> = ids.collect::<Result<_>>()?;
            service::reorder_choices(state, admin, attribute, &ids).await
        };
        into_payload(done.await)
    }
}

/// Root fields that change product types.
#[derive(Debug, Default)]
pub struct ProductTypeMutation;

#[Object]
impl ProductTypeMutation {
    /// Creates a product type.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `attributeIds`; `CONFLICT` on `name` and `slug` if
    /// another product type has it, and if there are 500.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_product_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product type to create.")] input: CreateProductTypeInput,
    ) -> Result<CreateProductTypePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        into_payload(service::create_type(state, admin, input.into()).await)
    }

    /// Updates a product type. Increases `version` by 1 unless nothing changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` on `id` and `attributeIds`; `CONFLICT` on `name` and
    /// `slug` if another product type has it, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_product_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product type and its new values.")] input: UpdateProductTypeInput,
    ) -> Result<UpdateProductTypePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ProductTypeId::parse(&input.id, "id")?;
            let target = (id, input.expected_version);
            service::update_type(state, admin, target, input.into()).await
        };
        into_payload(done.await)
    }

    /// Deletes a product type that no product has.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `id` if products have it, and on
    /// `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_product_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product type to delete.")] input: DeleteProductTypeInput,
    ) -> Result<DeleteProductTypePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ProductTypeId::parse(&input.id, "id")?;
            service::delete_type(state, admin, id, input.expected_version).await
        };
        into_payload(done.await)
    }
}
