//! Mutations that update and delete accounts.

use async_graphql::{Context, Object};

use super::inputs::{DeleteMeInput, DeleteUserInput, UpdateUserInput};
use super::payloads::{DeleteMePayload, DeleteUserPayload, UpdateUserPayload};
use super::{client, cookie, signed_in_viewer};
use crate::accounts::auth::service::{self, UserChange};
use crate::accounts::user::UserId;
use crate::config::Secret;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that update and delete accounts.
#[derive(Debug, Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Permanently deletes your account and its personal data. Signs out all your devices.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `REAUTHENTICATION_REQUIRED`; `CONFLICT` if you are the last admin. Errors:
    /// `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn delete_me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password, if the account has one.")] input: DeleteMeInput,
    ) -> Result<DeleteMePayload> {
        let password = input.password.map(Secret::from);
        let done = service::delete_me(
            ctx.state(),
            client(ctx),
            signed_in_viewer(ctx)?,
            password.as_ref(),
        )
        .await;
        if done.is_ok() && client(ctx).refresh_cookie.is_some() {
            cookie::clear(ctx);
        }
        into_payload(done)
    }

    /// Updates a user: name, role, disabled status.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`; `CONFLICT` if no active admin would be left.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user and the changes.")] input: UpdateUserInput,
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
        into_payload(done.await)
    }

    /// Permanently deletes a user and their personal data.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`; `CONFLICT` for the last admin.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to delete.")] input: DeleteUserInput,
    ) -> Result<DeleteUserPayload> {
        let admin = ctx.viewer().admin()?;
        let done = async {
            let id = UserId::parse(&input.id, "id")?;
            service::delete_user(ctx.state(), client(ctx), admin, id).await
        };
        into_payload(done.await)
    }
}
