//! Root fields that change categories.

use async_graphql::{Context, Object};

use super::mutation_types::{
    CreateCategoryInput, CreateCategoryPayload, DeleteCategoryInput, DeleteCategoryPayload,
    MoveCategoryInput, MoveCategoryPayload, UpdateCategoryInput, UpdateCategoryPayload,
};
use crate::catalog::category::CategoryId;
use crate::catalog::category::service;
use crate::catalog::category_image;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that change categories.
#[derive(Debug, Default)]
pub struct CategoryMutation;

#[Object]
impl CategoryMutation {
    /// Creates a category as the last of its siblings.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND` for the parent; `CONFLICT` on `slug` if
    /// another category has it, and on `parentId` if the tree would exceed 8 levels or the parent has 65,536
    /// children.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category to create.")] input: CreateCategoryInput,
    ) -> Result<CreateCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::create(ctx.state(), admin, input.into()).await)
    }

    /// Updates the fields of a category, including whether it is published. Increases `version` by 1 unless nothing
    /// changes.
    ///
    /// User errors: `BAD_USER_INPUT` for each invalid field; `NOT_FOUND`; `CONFLICT` on `slug` if another category
    /// has it, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category and its new values.")] input: UpdateCategoryInput,
    ) -> Result<UpdateCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::update(ctx.state(), admin, input.into()).await)
    }

    /// Moves a category and its descendants to another position in the tree. Increases its `version` by 1 unless it
    /// stays in place; the versions of its descendants and of renumbered siblings do not change.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id and for a position out of range; `NOT_FOUND` for the category
    /// and for the parent; `CONFLICT` on `parentId` if it is the category itself or a descendant, if the tree would
    /// exceed 8 levels, or if the parent has 65,536 children, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn move_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category and its new position.")] input: MoveCategoryInput,
    ) -> Result<MoveCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        into_payload(service::move_category(ctx.state(), admin, input.into()).await)
    }

    /// Permanently deletes a category without products and children, with its image. Its slugs become available again.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `id` with the numbers of products
    /// and categories in it, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category to delete.")] input: DeleteCategoryInput,
    ) -> Result<DeleteCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        let (state, version) = (ctx.state(), input.expected_version);
        let done = async {
            let id = CategoryId::parse(&input.id, "id")?;
            category_image::service::delete_category(state, admin, id, version).await
        };
        into_payload(done.await)
    }
}
