//! Inputs of mutations on accounts. They don't implement `Debug`, because most contain a secret.

use async_graphql::{Enum, ID, InputObject};

use crate::accounts::user::graphql::UserRole;

/// Input of `register`.
#[derive(InputObject)]
pub struct RegisterInput {
    /// Email address. The code is sent to it, and you sign in with it.
    pub email: String,
    /// Password: `Shop.limits.passwordMinLength` (8 by default) to 128 characters of any kind. Common passwords and
    /// passwords that contain the email address are rejected.
    pub password: String,
    /// Name: 1 to 200 characters on one line.
    pub name: String,
}

/// Input of `verifyEmail`.
#[derive(InputObject)]
pub struct VerifyEmailInput {
    /// Email address that the code was sent to.
    pub email: String,
    /// Code from the email. Digits of any script are accepted; spaces, hyphens and other punctuation are ignored.
    pub otp: String,
}

/// Input of `resendOtp`.
#[derive(InputObject)]
pub struct ResendOtpInput {
    /// Email address of the registration.
    pub email: String,
}

/// Input of `login`.
#[derive(InputObject)]
pub struct LoginInput {
    /// Email address of the account.
    pub email: String,
    /// Password of the account.
    pub password: String,
    /// How the refresh token is returned, now and after each refresh. Default: `BODY`.
    #[graphql(default_with = "TokenPlace::Body")]
    pub refresh_token_in: TokenPlace,
}

/// How a token is returned: the refresh token of a session, or the token of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TokenPlace {
    /// In the payload: for apps that have secure storage.
    Body,
    /// In an `HttpOnly` cookie: for browsers. Send the header `apollo-require-preflight: true` with `login`,
    /// `refreshToken`, `logout`, and all requests about the cart.
    Cookie,
}

/// Input of `refreshToken`.
#[derive(InputObject)]
pub struct RefreshTokenInput {
    /// The latest refresh token. Omit it if it is in the cookie.
    pub refresh_token: Option<String>,
}

/// Input of `logout`.
#[derive(Default, InputObject)]
pub struct LogoutInput {
    /// The refresh token of the session to end. Omit it if it is in the cookie, or if an access token is sent.
    pub refresh_token: Option<String>,
}

/// Input of `forgotPassword`.
#[derive(InputObject)]
pub struct ForgotPasswordInput {
    /// Email address of the account.
    pub email: String,
}

/// Input of `resetPassword`.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// Email address that the code was sent to.
    pub email: String,
    /// Code from the email: six digits, or a longer one. Digits of any script are accepted; spaces, hyphens and other punctuation are ignored.
    pub otp: String,
    /// New password: `Shop.limits.passwordMinLength` (8 by default) to 128 characters of any kind. Common passwords
    /// and passwords that contain the email address are rejected.
    pub new_password: String,
}

/// Input of `changePassword`.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// Current password.
    pub current_password: String,
    /// New password: `Shop.limits.passwordMinLength` (8 by default) to 128 characters of any kind. Common passwords
    /// and passwords that contain the email address are rejected.
    pub new_password: String,
}

/// Input of `changeEmail`.
#[derive(InputObject)]
pub struct ChangeEmailInput {
    /// New email address.
    pub new_email: String,
    /// Your password. Accounts without a password must have signed in within the last 10 minutes.
    pub password: Option<String>,
}

/// Input of `confirmEmailChange`.
#[derive(InputObject)]
pub struct ConfirmEmailChangeInput {
    /// Code from the email. Digits of any script are accepted; spaces, hyphens and other punctuation are ignored.
    pub otp: String,
}

/// Input of `revokeSession`.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// The id of the session to end: `sess_...`.
    pub id: ID,
}

/// Input of `deleteMe`.
#[derive(InputObject)]
pub struct DeleteMeInput {
    /// Your password. Accounts without a password must have signed in within the last 10 minutes.
    pub password: Option<String>,
}

/// Input of `inviteUser`.
#[derive(InputObject)]
pub struct InviteUserInput {
    /// Email address. The invitation is sent to it, and the user signs in with it.
    pub email: String,
    /// Name: 1 to 200 characters on one line. Users can change their own.
    pub name: String,
    /// Role. Default: `CUSTOMER`.
    #[graphql(default_with = "UserRole::Customer")]
    pub role: UserRole,
}

/// Input of `updateUser`. Absent fields stay unchanged.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// The id of the user: `user_...`.
    pub id: ID,
    /// Name: 1 to 200 characters on one line.
    pub name: Option<String>,
    /// Role. Applies from the user's next request.
    pub role: Option<UserRole>,
    /// Whether the account is disabled. Disabling it signs out all devices at once.
    pub disabled: Option<bool>,
}

/// Input of `deleteUser`.
#[derive(InputObject)]
pub struct DeleteUserInput {
    /// The id of the user: `user_...`.
    pub id: ID,
}
