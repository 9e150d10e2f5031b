//! Linking accounts elsewhere, and taking them away.

use async_graphql::{Context, Object};

use super::Identity;
use super::inputs::{LinkGoogleInput, UnlinkIdentityInput};
use super::payloads::{LinkGooglePayload, UnlinkIdentityPayload};
use crate::accounts::auth::graphql::{client, who};
use crate::accounts::identity::entity::identity::Model;
use crate::accounts::identity::{IdentityId, service};
use crate::accounts::user::entity::Model as User;
use crate::config::Secret;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;

/// The root fields that link accounts elsewhere, and take them away.
#[derive(Debug, Default)]
pub struct IdentityLinkMutation;

#[Object]
impl IdentityLinkMutation {
    /// Links a Google account to yours, so that you can sign in with it. A letter tells you. It is no error when it is linked
    /// to yours already.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `REAUTHENTICATION_REQUIRED`; `TOKEN_INVALID`; `CONFLICT`, when it is linked to
    /// somebody else, or you have another one; `EMAIL_NOT_VERIFIED`, `NOT_CONFIGURED`, `BAD_USER_INPUT`. Errors:
    /// `RATE_LIMITED`; `SERVICE_UNAVAILABLE`, when Google can't be reached.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn link_google(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what proves that it is you.")] input: LinkGoogleInput,
    ) -> Result<LinkGooglePayload> {
        answer(link(ctx, input).await)
    }

    /// Takes an account elsewhere away: nobody can sign in to yours with it any more, unless it is linked again. One whose
    /// address is yours, and Google's own to give out, is linked as soon as somebody signs in with it. A letter tells you.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `REAUTHENTICATION_REQUIRED`; `LAST_SIGN_IN_METHOD`, when you have no password and
    /// no other identity; `NOT_FOUND`, `BAD_USER_INPUT`. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn unlink_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what proves that it is you.")] input: UnlinkIdentityInput,
    ) -> Result<UnlinkIdentityPayload> {
        answer(unlink(ctx, input).await)
    }
}

async fn link(ctx: &Context<'_>, input: LinkGoogleInput) -> Result<Identity> {
    let (state, client, who) = (ctx.state(), client(ctx), who(ctx)?);
    let (proof, password) = input.check()?;
    let linked = service::link(state, client, who, proof, password.as_ref()).await?;
    Ok(Identity(linked))
}

async fn unlink(ctx: &Context<'_>, input: UnlinkIdentityInput) -> Result<(Model, User)> {
    let id = IdentityId::parse(&input.id, "id")?;
    let password = input.password.map(Secret::from);
    service::unlink(ctx.state(), client(ctx), who(ctx)?, id, password.as_ref()).await
}
