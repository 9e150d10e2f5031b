//! Mutations that change passwords and email addresses.

use async_graphql::{Context, Object};

use super::inputs::{
    ChangeEmailInput, ChangePasswordInput, ConfirmEmailChangeInput, ForgotPasswordInput,
    ResetPasswordInput,
};
use super::payloads::{
    ChangeEmailPayload, ChangePasswordPayload, ConfirmEmailChangePayload, ForgotPasswordPayload,
    ResetPasswordPayload,
};
use super::{client, sent, set_cookies, signed_in_viewer};
use crate::accounts::auth::service::{self};
use crate::config::Secret;
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;

/// Root fields that change passwords and email addresses.
#[derive(Debug, Default)]
pub struct CredentialsMutation;

#[Object]
impl CredentialsMutation {
    /// Sends a code to set a new password by email. The response is the same whether or not the address has an
    /// account.
    ///
    /// User errors: `BAD_USER_INPUT`. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn forgot_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The email address of the account.")] input: ForgotPasswordInput,
    ) -> Result<ForgotPasswordPayload> {
        let done = service::forgot_password(ctx.state(), client(ctx), &input.email).await;
        into_payload(sent(ctx, done))
    }

    /// Sets a new password with the code from `forgotPassword` or from an invitation (`inviteUser`). Signs out all devices; sign in with the new password.
    /// After 100 wrong codes within 30 days, six-digit codes fail with `RATE_LIMITED`: `forgotPassword` then sends a
    /// longer code.
    ///
    /// User errors: `BAD_USER_INPUT`, `OTP_INVALID`. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and the new password.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        let (email, otp) = (&input.email, &input.otp);
        let new = Secret::from(input.new_password);
        let done = service::reset_password(ctx.state(), client(ctx), email, otp, &new).await;
        into_payload(done.map(drop))
    }

    /// Changes your password. Signs out all other devices and returns new tokens for this one.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `BAD_USER_INPUT`. Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The current and the new password.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let (current, new) = (input.current_password.into(), input.new_password.into());
        let (state, client, caller) = (ctx.state(), client(ctx), signed_in_viewer(ctx)?);
        let done = service::change_password(state, client, caller, &current, &new).await;
        into_payload(set_cookies(ctx, done))
    }

    /// Sends a code to your new email address and a notice to the current one. The current address stays until
    /// `confirmEmailChange`.
    ///
    /// User errors: `INVALID_CREDENTIALS`, `REAUTHENTICATION_REQUIRED`, `BAD_USER_INPUT`. Errors: `RATE_LIMITED`,
    /// `SERVICE_UNAVAILABLE`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn change_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new email address and the password.")] input: ChangeEmailInput,
    ) -> Result<ChangeEmailPayload> {
        let password = input.password.map(Secret::from);
        let (state, client, caller) = (ctx.state(), client(ctx), signed_in_viewer(ctx)?);
        let new = &input.new_email;
        let done = service::change_email(state, client, caller, new, password.as_ref()).await;
        into_payload(sent(ctx, done))
    }

    /// Changes your email address with the code that `changeEmail` sent to the new one.
    ///
    /// User errors: `OTP_INVALID`; `CONFLICT` if another account has taken the address meanwhile. Errors:
    /// `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn confirm_email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code from the email.")] input: ConfirmEmailChangeInput,
    ) -> Result<ConfirmEmailChangePayload> {
        let (state, client, caller) = (ctx.state(), client(ctx), signed_in_viewer(ctx)?);
        into_payload(service::confirm_email_change(state, client, caller, &input.otp).await)
    }
}
