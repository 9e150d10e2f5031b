//! Changing and deleting accounts.

use async_graphql::{Context, Object};

use super::inputs::{DeleteMeInput, DeleteUserInput, UpdateUserInput};
use super::payloads::{DeleteMePayload, DeleteUserPayload, UpdateUserPayload};
use super::{client, cookie, who};
use crate::accounts::auth::service::{self, UserChange};
use crate::accounts::user::UserId;
use crate::config::Secret;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;

/// The root fields that change and delete accounts.
#[derive(Debug, Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Deletes your account and what we know of you, for good. Signs all your devices out.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `REAUTHENTICATION_REQUIRED`; `CONFLICT` for the last admin. Errors:
    /// `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn delete_me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What proves that it is you.")] input: DeleteMeInput,
    ) -> Result<DeleteMePayload> {
        let password = input.password.map(Secret::from);
        let done = service::delete_me(ctx.state(), client(ctx), who(ctx)?, password.as_ref()).await;
        if done.is_ok() && client(ctx).refresh_cookie.is_some() {
            cookie::clear(ctx);
        }
        answer(done)
    }

    /// Changes a user: name, role, whether they are shut out.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`; `CONFLICT`, when the shop would lose its last admin.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and what.")] input: UpdateUserInput,
    ) -> Result<UpdateUserPayload> {
        let admin = ctx.viewer().admin()?;
        let change = UserId::parse(&input.id, "id").map(|id| UserChange {
            id,
            name: input.name,
            role: input.role.map(Into::into),
            disabled: input.disabled,
        });
        let done = async {
            let change = change?;
            service::update_user(ctx.state(), client(ctx), admin, change).await
        };
        answer(done.await)
    }

    /// Deletes a user and what we know of them, for good.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`; `CONFLICT` for the last admin.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: DeleteUserInput,
    ) -> Result<DeleteUserPayload> {
        let admin = ctx.viewer().admin()?;
        let done = async {
            let id = UserId::parse(&input.id, "id")?;
            service::delete_user(ctx.state(), client(ctx), admin, id).await
        };
        answer(done.await)
    }
}
