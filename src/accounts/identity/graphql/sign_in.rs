//! Signing in with accounts elsewhere.

use async_graphql::{Context, Object};

use super::inputs::{ExchangeCodeInput, SignInWithGoogleInput};
use super::payloads::{ExchangeCodePayload, SignInWithGooglePayload};
use crate::accounts::auth::graphql::{client, in_cookie, keep};
use crate::accounts::auth::service::Tokens;
use crate::accounts::identity::service::{self, Brought, IdToken};
use crate::config::Secret;
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;

/// The root fields that get access.
#[derive(Debug, Default)]
pub struct GoogleMutation;

#[Object]
impl GoogleMutation {
    /// Signs in with the code that a browser brought back from `/auth/google/login`. It is good for 60 seconds and one call.
    /// Who is new becomes a customer. Whose address has an account is linked to it when Google itself gives the address out,
    /// and a letter tells so.
    ///
    /// User errors: `TOKEN_INVALID`, for a code that is wrong, used or too old, and for a wrong verifier; `LINK_REQUIRED`,
    /// when the owner of the account has to sign in as before and use `linkGoogle`; `EMAIL_NOT_VERIFIED`;
    /// `ACCOUNT_DISABLED`; `BAD_USER_INPUT`, when a cookie is asked for without the header that it needs. Errors:
    /// `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(
        name = "exchangeOAuthCode",
        directive = auth::apply(Access::Anyone)
    )]
    async fn exchange_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: ExchangeCodeInput,
    ) -> Result<ExchangeCodePayload> {
        answer(keep(ctx, exchange(ctx, input).await))
    }

    /// Signs in with an ID token that an app got of Google's own sign-in, as `exchangeOAuthCode` does with a code.
    ///
    /// User errors: `TOKEN_INVALID`, for a token that is wrong, used, too old, without a nonce or made for another app or nonce;
    /// `NOT_CONFIGURED`, when the shop has no sign-in with Google; `LINK_REQUIRED`, `EMAIL_NOT_VERIFIED`,
    /// `ACCOUNT_DISABLED`, `BAD_USER_INPUT`. Errors: `RATE_LIMITED`; `SERVICE_UNAVAILABLE`, when Google can't be reached.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn sign_in_with_google(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID token.")] input: SignInWithGoogleInput,
    ) -> Result<SignInWithGooglePayload> {
        answer(keep(ctx, sign_in(ctx, input).await))
    }
}

async fn exchange(ctx: &Context<'_>, input: ExchangeCodeInput) -> Result<Tokens> {
    let in_cookie = in_cookie(ctx, input.refresh_token_in)?;
    let brought = Brought {
        code: input.code.into(),
        verifier: input.verifier.map(Secret::from),
    };
    service::sign_in_with_code(ctx.state(), client(ctx), &brought, in_cookie).await
}

async fn sign_in(ctx: &Context<'_>, input: SignInWithGoogleInput) -> Result<Tokens> {
    let in_cookie = in_cookie(ctx, input.refresh_token_in)?;
    let given = IdToken {
        token: input.id_token.into(),
        nonce: input.nonce.into(),
    };
    service::sign_in_with_token(ctx.state(), client(ctx), given, in_cookie).await
}
