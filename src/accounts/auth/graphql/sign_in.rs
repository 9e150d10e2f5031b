//! Mutations that start, refresh and end sessions.

use async_graphql::{Context, Object};

use super::inputs::{LoginInput, LogoutInput, RefreshTokenInput, RevokeSessionInput};
use super::payloads::{
    LoginPayload, LogoutAllPayload, LogoutPayload, RefreshTokenPayload, RevokeSessionPayload,
};
use super::{
    client, conflicting_cookies, cookie, in_cookie, needs_header, set_cookies, signed_in_viewer,
};
use crate::accounts::auth::SessionId;
use crate::accounts::auth::service::{self, Credentials, Tokens};
use crate::config::Secret;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that start, refresh and end sessions.
#[derive(Debug, Default)]
pub struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Signs in with email address and password. After too many wrong passwords for an account, the networks that sent
    /// them get `RATE_LIMITED` for it. Networks without a failed attempt, and browsers and networks that signed in to
    /// the account before, can still sign in.
    ///
    /// User errors: `INVALID_CREDENTIALS`, for an unknown address just as for a wrong password; `EMAIL_NOT_VERIFIED`
    /// if the password belongs to a registration that is not verified; `BAD_USER_INPUT` if a cookie is requested
    /// without the required header. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Email address and password.")] input: LoginInput,
    ) -> Result<LoginPayload> {
        let done = async {
            let credentials = Credentials {
                in_cookie: in_cookie(ctx, input.refresh_token_in, "refreshTokenIn")?,
                email: input.email,
                password: input.password.into(),
            };
            service::login(ctx.state(), client(ctx), credentials).await
        };
        into_payload(set_cookies(ctx, done.await))
    }

    /// Exchanges a refresh token for new tokens. Each refresh token can be used once. For 10 seconds after a refresh,
    /// and beyond that until one of the new tokens is used, the previous refresh token returns the same new one again,
    /// so that concurrent calls and retries after a lost response succeed. Reusing an older token ends the session,
    /// because it may have been stolen.
    ///
    /// User errors: `TOKEN_INVALID` if the token is invalid or expired, or refresh cookies with different values were
    /// sent: sign in again; `BAD_USER_INPUT` if there is no token. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn refresh_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: RefreshTokenInput,
    ) -> Result<RefreshTokenPayload> {
        let client = client(ctx);
        let given = input.refresh_token.map(Secret::from);
        if client.cookie_conflict && given.is_none() {
            return into_payload::<Tokens, _>(Err(conflicting_cookies()));
        }
        let Some(token) = given.as_ref().or(client.refresh_cookie.as_ref()) else {
            return into_payload::<Tokens, _>(Err(needs_header("refreshToken")));
        };
        let done = service::refresh(ctx.state(), client, token).await;
        if matches!(done, Err(Error::Refused(_))) && given.is_none() {
            cookie::clear(ctx);
        }
        into_payload(set_cookies(ctx, done))
    }

    /// Signs out this device: ends the session of the access token, and the session of the refresh token, which is in
    /// `input` or in the cookie. One of them suffices. Succeeds if the session has ended already.
    ///
    /// User errors: `BAD_USER_INPUT` if a cookie was sent without the required header; `TOKEN_INVALID` if refresh
    /// cookies with different values were sent.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token, unless it is in the cookie.")] input: Option<
            LogoutInput,
        >,
    ) -> Result<LogoutPayload> {
        let cookie = client(ctx).refresh_cookie.clone();
        let given = input.unwrap_or_default().refresh_token.map(Secret::from);
        if client(ctx).ignored_cookie && given.is_none() {
            return into_payload::<(), _>(Err(needs_header("refreshToken")));
        }
        if client(ctx).cookie_conflict && given.is_none() {
            return into_payload::<(), _>(Err(conflicting_cookies()));
        }
        if cookie.is_some() {
            cookie::clear(ctx);
        }
        let token = given.or(cookie);
        into_payload(service::logout(ctx.state(), client(ctx), ctx.viewer(), token.as_ref()).await)
    }

    /// Signs out all your devices, including this one.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn logout_all(&self, ctx: &Context<'_>) -> Result<LogoutAllPayload> {
        if client(ctx).refresh_cookie.is_some() {
            cookie::clear(ctx);
        }
        into_payload(service::logout_all(ctx.state(), client(ctx), signed_in_viewer(ctx)?).await)
    }

    /// Signs out one of your devices.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session to end.")] input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload> {
        let caller = signed_in_viewer(ctx)?;
        let done = async {
            let id = SessionId::parse(&input.id, "id")?;
            service::revoke_session(ctx.state(), client(ctx), caller, id).await
        };
        into_payload(done.await)
    }
}
