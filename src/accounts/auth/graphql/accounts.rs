//! Mutations by which admins invite users, and that update and delete accounts.

use async_graphql::{Context, Object};

use super::inputs::{DeleteMeInput, DeleteUserInput, InviteUserInput, UpdateUserInput};
use super::payloads::{DeleteMePayload, DeleteUserPayload, InviteUserPayload, UpdateUserPayload};
use super::{client, cookie, signed_in_viewer};
use crate::accounts::auth::service::{self, Invitation, UserChange};
use crate::accounts::user::UserId;
use crate::config::Secret;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that invite users, and that update and delete accounts.
#[derive(Debug, Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Permanently deletes your account and its personal data, with the address book and the cart. Signs out all your
    /// devices.
    ///
    /// Your orders are kept, without the account: their email address, phone number, addresses and note are erased 10 years
    /// (`ORDER_PERSONAL_DATA_KEPT`) after they were placed. An order that is not paid yet can still be paid, or expires.
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

    /// Creates a user without a password and sends an invitation by email, with a code to set one with
    /// `resetPassword`. That verifies the email address; until then `User.emailVerified` is false. The code is valid for
    /// 7 days (`INVITATION_LIFETIME`); later, `forgotPassword` sends another one.
    ///
    /// Inviting a user again whose email address is not verified replaces the name and the role and sends a new code:
    /// after 60 seconds (`CODE_RESEND_AFTER`), and up to 3 times an hour (`LIMIT_CODES_ADDRESS`). One admin can send 100
    /// invitations an hour (`LIMIT_INVITATIONS_ADMIN`).
    ///
    /// User errors: `BAD_USER_INPUT`; `CONFLICT` on `email` if a verified or disabled user has the address. Errors:
    /// `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn invite_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Email address, name and role.")] input: InviteUserInput,
    ) -> Result<InviteUserPayload> {
        let admin = ctx.viewer().admin()?;
        let new = Invitation {
            email: input.email,
            name: input.name,
            role: input.role.into(),
        };
        into_payload(service::invite_user(ctx.state(), client(ctx), admin, new).await)
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

    /// Permanently deletes a user and their personal data, with the address book and the cart. Their orders are kept: see
    /// `deleteMe`.
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
