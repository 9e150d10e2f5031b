//! Signing in, staying signed in, signing out.

use async_graphql::{Context, Object};

use super::inputs::{LoginInput, LogoutInput, RefreshTokenInput, RevokeSessionInput};
use super::payloads::{
    LoginPayload, LogoutAllPayload, LogoutPayload, RefreshTokenPayload, RevokeSessionPayload,
};
use super::{client, conflicting_cookies, cookie, in_cookie, keep, needs_header, who};
use crate::accounts::auth::SessionId;
use crate::accounts::auth::service::{self, Credentials, Tokens};
use crate::config::Secret;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;

/// The root fields that get, keep and end access.
#[derive(Debug, Default)]
pub struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Signs in. An account that took too many wrong passwords is `RATE_LIMITED` for the networks that they came from. Browsers
    /// and networks that have signed in to it before, and networks without a failure, get in.
    ///
    /// User errors: `INVALID_CREDENTIALS`, for an unknown address just as for a wrong password; `EMAIL_NOT_VERIFIED`,
    /// when the password is the one of a registration that waits for its code; `BAD_USER_INPUT`, when a
    /// cookie is asked for without the header that it needs. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address and the password.")] input: LoginInput,
    ) -> Result<LoginPayload> {
        let done = async {
            let credentials = Credentials {
                in_cookie: in_cookie(ctx, input.refresh_token_in)?,
                email: input.email,
                password: input.password.into(),
            };
            service::login(ctx.state(), client(ctx), credentials).await
        };
        answer(keep(ctx, done.await))
    }

    /// Gives new tokens for a refresh token, which is used up by it. Calls that race each other get the same refresh
    /// token, and so does one whose answer was lost. An older token signs the device out: somebody has a copy.
    ///
    /// User errors: `TOKEN_INVALID`: sign in again, also when there are two refresh cookies with different values;
    /// `BAD_USER_INPUT`, when there is no token. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn refresh_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: RefreshTokenInput,
    ) -> Result<RefreshTokenPayload> {
        let client = client(ctx);
        let given = input.refresh_token.map(Secret::from);
        if client.cookie_conflict && given.is_none() {
            return answer::<Tokens, _>(Err(conflicting_cookies()));
        }
        let Some(token) = given.as_ref().or(client.refresh_cookie.as_ref()) else {
            return answer::<Tokens, _>(Err(needs_header("refreshToken")));
        };
        let done = service::refresh(ctx.state(), client, token).await;
        if matches!(done, Err(Error::Refused(_))) && given.is_none() {
            cookie::clear(ctx);
        }
        answer(keep(ctx, done))
    }

    /// Signs this device out. Doing it twice is fine.
    ///
    /// User errors: `BAD_USER_INPUT`, when there is a cookie without the header that it needs.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to end, besides the session of the access token.")] input: Option<
            LogoutInput,
        >,
    ) -> Result<LogoutPayload> {
        let cookie = client(ctx).refresh_cookie.clone();
        let given = input.unwrap_or_default().refresh_token.map(Secret::from);
        if client(ctx).unguarded_cookie && given.is_none() {
            return answer::<(), _>(Err(needs_header("refreshToken")));
        }
        if client(ctx).cookie_conflict && given.is_none() {
            return answer::<(), _>(Err(conflicting_cookies()));
        }
        if cookie.is_some() {
            cookie::clear(ctx);
        }
        let token = given.or(cookie);
        answer(service::logout(ctx.state(), client(ctx), ctx.viewer(), token.as_ref()).await)
    }

    /// Signs all your devices out, this one too.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn logout_all(&self, ctx: &Context<'_>) -> Result<LogoutAllPayload> {
        if client(ctx).refresh_cookie.is_some() {
            cookie::clear(ctx);
        }
        answer(service::logout_all(ctx.state(), client(ctx), who(ctx)?).await)
    }

    /// Signs one of your devices out.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload> {
        let who = who(ctx)?;
        let done = async {
            let id = SessionId::parse(&input.id, "id")?;
            service::revoke_session(ctx.state(), client(ctx), who, id).await
        };
        answer(done.await)
    }
}
