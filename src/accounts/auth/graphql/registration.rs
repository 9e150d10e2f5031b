//! How accounts come about.

use async_graphql::{Context, Object};

use super::inputs::{RegisterInput, ResendOtpInput, VerifyEmailInput};
use super::payloads::{RegisterPayload, ResendOtpPayload, VerifyEmailPayload};
use super::{client, sent};
use crate::accounts::auth::service::{self, Registration};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;

/// The root fields by which accounts come about.
#[derive(Debug, Default)]
pub struct RegistrationMutation;

#[Object]
impl RegistrationMutation {
    /// Registers a customer. A letter with a code goes to the address; `verifyEmail` takes it. The answer is the same
    /// whether or not the address has an account: its owner is told by letter.
    ///
    /// User errors: `BAD_USER_INPUT`. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to register with.")] input: RegisterInput,
    ) -> Result<RegisterPayload> {
        let new = Registration {
            email: input.email,
            name: input.name,
            password: input.password.into(),
        };
        let done = service::register(ctx.state(), client(ctx), new).await;
        answer(sent(ctx, done))
    }

    /// Proves that an address is yours, with the code that was sent to it. Then sign in. When it was registered twice with
    /// two passwords, neither counts, because somebody else may have chosen it: `hasPassword` is false then, and
    /// `forgotPassword` sets one.
    ///
    /// User errors: `BAD_USER_INPUT`, `OTP_INVALID`. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address and its code.")] input: VerifyEmailInput,
    ) -> Result<VerifyEmailPayload> {
        answer(service::verify_email(ctx.state(), client(ctx), &input.email, &input.otp).await)
    }

    /// Sends another code to an address that waits to be proved. The one before is void.
    ///
    /// User errors: `BAD_USER_INPUT`. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn resend_otp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] input: ResendOtpInput,
    ) -> Result<ResendOtpPayload> {
        let done = service::resend_otp(ctx.state(), client(ctx), &input.email).await;
        answer(sent(ctx, done))
    }
}
