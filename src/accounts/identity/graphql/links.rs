//! Mutations that link and unlink identities.

use async_graphql::{Context, Object};

use super::Identity;
use super::inputs::{LinkGoogleInput, UnlinkIdentityInput};
use super::payloads::{LinkGooglePayload, UnlinkIdentityPayload};
use crate::accounts::auth::graphql::{client, signed_in_viewer};
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::identity::{IdentityId, service};
use crate::accounts::user::entity::Model as User;
use crate::config::Secret;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that link and unlink identities.
#[derive(Debug, Default)]
pub struct IdentityLinkMutation;

#[Object]
impl IdentityLinkMutation {
    /// Links a Google account to yours, so that you can sign in with it. Sends a notice by email. Succeeds without a
    /// change if it is linked to your account already.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `REAUTHENTICATION_REQUIRED`; `TOKEN_INVALID`; `CONFLICT` if it is linked
    /// to another account, or another Google account is linked to yours; `EMAIL_NOT_VERIFIED`, `NOT_CONFIGURED`,
    /// `BAD_USER_INPUT`. Errors: `RATE_LIMITED`; `SERVICE_UNAVAILABLE` if Google can't be reached.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn link_google(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The Google account and the password.")] input: LinkGoogleInput,
    ) -> Result<LinkGooglePayload> {
        into_payload(link(ctx, input).await)
    }

    /// Unlinks an identity: it can't be used to sign in to your account until it is linked again. Signs out all other
    /// devices and sends a notice by email. Signing in with a Gmail or Google Workspace account that has your email
    /// address links it again.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `REAUTHENTICATION_REQUIRED`; `LAST_SIGN_IN_METHOD` if you have no password
    /// and no other identity; `NOT_FOUND`, `BAD_USER_INPUT`. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn unlink_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identity and the password.")] input: UnlinkIdentityInput,
    ) -> Result<UnlinkIdentityPayload> {
        into_payload(unlink(ctx, input).await)
    }
}

async fn link(ctx: &Context<'_>, input: LinkGoogleInput) -> Result<Identity> {
    let (state, client, caller) = (ctx.state(), client(ctx), signed_in_viewer(ctx)?);
    let (credential, password) = input.check()?;
    let linked = service::link(state, client, caller, credential, password.as_ref()).await?;
    Ok(Identity(linked))
}

async fn unlink(ctx: &Context<'_>, input: UnlinkIdentityInput) -> Result<(Model, User)> {
    let id = IdentityId::parse(&input.id, "id")?;
    let password = input.password.map(Secret::from);
    service::unlink(
        ctx.state(),
        client(ctx),
        signed_in_viewer(ctx)?,
        id,
        password.as_ref(),
    )
    .await
}
