//! Mutations that create accounts.

use async_graphql::{Context, Object};

use super::inputs::{RegisterInput, ResendOtpInput, VerifyEmailInput};
use super::payloads::{RegisterPayload, ResendOtpPayload, VerifyEmailPayload};
use super::{client, sent};
use crate::accounts::auth::service::{self, Registration};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that create accounts.
#[derive(Debug, Default)]
pub struct RegistrationMutation;

#[Object]
impl RegistrationMutation {
    /// Registers a customer and sends a code by email; continue with `verifyEmail`. The response is the same whether
    /// or not the address has an account. The owner of an existing account is informed by email.
    ///
    /// User errors: `BAD_USER_INPUT`. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Email address, password and name.")] input: RegisterInput,
    ) -> Result<RegisterPayload> {
        let new = Registration {
            email: input.email,
            name: input.name,
            password: input.password.into(),
        };
        let done = service::register(ctx.state(), client(ctx), new).await;
        into_payload(sent(ctx, done))
    }

    /// Verifies an email address with the code that was sent to it and creates the account. Then sign in with `login`.
    /// If the address was registered more than once with different passwords, the account has none (`hasPassword` is
    /// false): set one with `forgotPassword`.
    ///
    /// User errors: `BAD_USER_INPUT`, `OTP_INVALID`. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The email address and the code.")] input: VerifyEmailInput,
    ) -> Result<VerifyEmailPayload> {
        into_payload(
            service::verify_email(ctx.state(), client(ctx), &input.email, &input.otp).await,
        )
    }

    /// Sends a new code to an address with a pending registration. The previous code becomes invalid.
    ///
    /// User errors: `BAD_USER_INPUT`. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn resend_otp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The email address of the registration.")] input: ResendOtpInput,
    ) -> Result<ResendOtpPayload> {
        let done = service::resend_otp(ctx.state(), client(ctx), &input.email).await;
        into_payload(sent(ctx, done))
    }
}
