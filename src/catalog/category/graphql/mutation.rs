//! The root fields that change categories.

use async_graphql::{Context, Object};

use super::changes::{
    CreateCategoryInput, CreateCategoryPayload, DeleteCategoryInput, DeleteCategoryPayload,
    MoveCategoryInput, MoveCategoryPayload, UpdateCategoryInput, UpdateCategoryPayload,
};
use crate::catalog::category::CategoryId;
use crate::catalog::category::service;
use crate::catalog::product;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;

/// The root fields that change categories.
#[derive(Debug, Default)]
pub struct CategoryMutation;

#[Object]
impl CategoryMutation {
    /// Makes a category, at the end of its siblings.
    ///
    /// User errors: `BAD_USER_INPUT` for what breaks a rule, each field with its own; `NOT_FOUND` for the parent;
    /// `CONFLICT` on `slug` when another category has it, and on `parentId` when the tree would be more than 8 levels
    /// deep or the parent has 65,536 children.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreateCategoryInput,
    ) -> Result<CreateCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        answer(service::create(ctx.state(), admin, input.into()).await)
    }

    /// Changes what is said of a category, and publishes or hides it. `version` counts on, unless nothing is changed.
    ///
    /// User errors: `BAD_USER_INPUT` for what breaks a rule, each field with its own; `NOT_FOUND`; `CONFLICT` on `slug`
    /// when another category has it, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: UpdateCategoryInput,
    ) -> Result<UpdateCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        answer(service::update(ctx.state(), admin, input.into()).await)
    }

    /// Moves a category to another place in the tree, with all below it. Its `version` counts on, unless it stays where
    /// it is; those that make room for it or move along keep theirs.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id and for a position that there is not; `NOT_FOUND` for the
    /// category and for the parent; `CONFLICT` on `parentId` when that is the category itself or below it, when the tree
    /// would be more than 8 levels deep, or when the parent has 65,536 children, and on `expectedVersion` with the
    /// `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn move_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and where to.")] input: MoveCategoryInput,
    ) -> Result<MoveCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        answer(service::relocate(ctx.state(), admin, input.into()).await)
    }

    /// Deletes a category that no product and no category is in, for good. Its slugs are free again.
    ///
    /// User errors: `BAD_USER_INPUT` for a malformed id; `NOT_FOUND`; `CONFLICT` on `id` with how many products and
    /// categories are in it, and on `expectedVersion` with the `currentVersion`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: DeleteCategoryInput,
    ) -> Result<DeleteCategoryPayload> {
        let admin = ctx.viewer().admin()?;
        let (state, version) = (ctx.state(), input.expected_version);
        let done = async {
            let id = CategoryId::parse(&input.id, "id")?;
            product::service::delete_category(state, admin, id, version).await
        };
        answer(done.await)
    }
}
