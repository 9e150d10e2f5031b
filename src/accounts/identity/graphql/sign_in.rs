//! Mutations that sign in with Google.

use async_graphql::{Context, Object};

use super::inputs::{ExchangeCodeInput, SignInWithGoogleInput};
use super::payloads::{ExchangeCodePayload, SignInWithGooglePayload};
use crate::accounts::auth::graphql::{client, in_cookie, set_cookies};
use crate::accounts::auth::service::Tokens;
use crate::accounts::identity::service::{self, CodeAndVerifier, IdToken};
use crate::config::Secret;
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that sign in with Google.
#[derive(Debug, Default)]
pub struct GoogleMutation;

#[Object]
impl GoogleMutation {
    /// Signs in with the code that a browser received from `/auth/google/login`. A code can be used once, within 60
    /// seconds. A new address gets a customer account. An account with the same email address is linked if it is a
    /// Gmail or Google Workspace address, and its owner gets a notice by email.
    ///
    /// User errors: `TOKEN_INVALID` if the code is wrong, used or expired, or the verifier is wrong; `LINK_REQUIRED`
    /// if an account with this email address exists and its owner must sign in to it and use `linkGoogle`;
    /// `EMAIL_NOT_VERIFIED`; `ACCOUNT_DISABLED`; `BAD_USER_INPUT` if a cookie is requested without the required
    /// header. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(
        name = "exchangeOAuthCode",
        directive = auth::apply(Access::Anyone)
    )]
    async fn exchange_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and its verifier.")] input: ExchangeCodeInput,
    ) -> Result<ExchangeCodePayload> {
        into_payload(set_cookies(ctx, exchange(ctx, input).await))
    }

    /// Signs in with an ID token that an app received from Google's sign-in SDK. The rules are those of
    /// `exchangeOAuthCode`.
    ///
    /// User errors: `TOKEN_INVALID` if the token is invalid, used, expired, has no nonce, or was issued for another
    /// app or nonce; `NOT_CONFIGURED` if sign-in with Google is not configured; `LINK_REQUIRED`,
    /// `EMAIL_NOT_VERIFIED`, `ACCOUNT_DISABLED`, `BAD_USER_INPUT`. Errors: `RATE_LIMITED`; `SERVICE_UNAVAILABLE` if
    /// Google can't be reached.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn sign_in_with_google(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID token and its nonce.")] input: SignInWithGoogleInput,
    ) -> Result<SignInWithGooglePayload> {
        into_payload(set_cookies(ctx, sign_in(ctx, input).await))
    }
}

async fn exchange(ctx: &Context<'_>, input: ExchangeCodeInput) -> Result<Tokens> {
    let in_cookie = in_cookie(ctx, input.refresh_token_in, "refreshTokenIn")?;
    let credentials = CodeAndVerifier {
        code: input.code.into(),
        verifier: input.verifier.map(Secret::from),
    };
    service::sign_in_with_code(ctx.state(), client(ctx), &credentials, in_cookie).await
}

async fn sign_in(ctx: &Context<'_>, input: SignInWithGoogleInput) -> Result<Tokens> {
    let in_cookie = in_cookie(ctx, input.refresh_token_in, "refreshTokenIn")?;
    let given = IdToken {
        token: input.id_token.into(),
        nonce: input.nonce.into(),
    };
    service::sign_in_with_token(ctx.state(), client(ctx), given, in_cookie).await
}
