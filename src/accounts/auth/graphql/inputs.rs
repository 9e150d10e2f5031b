//! What clients send about accounts. None of these can be printed: most hold a secret.

use async_graphql::{Enum, ID, InputObject};

use crate::accounts::user::graphql::UserRole;

/// What to register with.
#[derive(InputObject)]
pub struct RegisterInput {
    /// The address that the code is sent to, and that you sign in with.
    pub email: String,
    /// 8 to 128 characters, any you like; none of the passwords that everybody tries first, and not the address.
    pub password: String,
    /// What you are called: 1 to 200 characters on one line.
    pub name: String,
}

/// A code and the address that it was sent to.
#[derive(InputObject)]
pub struct VerifyEmailInput {
    /// The address.
    pub email: String,
    /// The code of the email. Digits of any script are accepted; spaces, hyphens and other punctuation are ignored.
    pub otp: String,
}

/// Where to send another code.
#[derive(InputObject)]
pub struct ResendOtpInput {
    /// The address that you have registered with.
    pub email: String,
}

/// What to sign in with.
#[derive(InputObject)]
pub struct LoginInput {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Where to put the refresh token, now and each time it is refreshed.
    #[graphql(default_with = "TokenPlace::Body")]
    pub refresh_token_in: TokenPlace,
}

/// Where a client keeps its refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TokenPlace {
    /// In the answer: for apps, which have a safe place for it.
    Body,
    /// In a cookie that scripts can't read: for browsers. Send the header `apollo-require-preflight: true` with `login`,
    /// `refreshToken` and `logout`.
    Cookie,
}

/// What to refresh with.
#[derive(InputObject)]
pub struct RefreshTokenInput {
    /// The refresh token that you got last. Leave it out when it is in the cookie.
    pub refresh_token: Option<String>,
}

/// What to end.
#[derive(Default, InputObject)]
pub struct LogoutInput {
    /// The refresh token, when you have no access token that is still good. The cookie is seen without it.
    pub refresh_token: Option<String>,
}

/// Whose password is to be set anew.
#[derive(InputObject)]
pub struct ForgotPasswordInput {
    /// The address of the account.
    pub email: String,
}

/// A new password, and the code that allows it.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// The address that the code was sent to.
    pub email: String,
    /// The code of the email. Digits of any script are accepted; spaces, hyphens and other punctuation are ignored.
    pub otp: String,
    /// 8 to 128 characters, any you like; none of the passwords that everybody tries first, and not the address.
    pub new_password: String,
}

/// The old password and the new one.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password that you have.
    pub current_password: String,
    /// 8 to 128 characters, any you like; none of the passwords that everybody tries first, and not the address.
    pub new_password: String,
}

/// The address that you want to have.
#[derive(InputObject)]
pub struct ChangeEmailInput {
    /// The new address.
    pub new_email: String,
    /// Your password. Who has none must have signed in within the last ten minutes.
    pub password: Option<String>,
}

/// The code that was sent to the new address.
#[derive(InputObject)]
pub struct ConfirmEmailChangeInput {
    /// The code of the email. Digits of any script are accepted; spaces, hyphens and other punctuation are ignored.
    pub otp: String,
}

/// Which device to sign out.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// The id of the session: `sess_...`.
    pub id: ID,
}

/// What proves that it is you.
#[derive(InputObject)]
pub struct DeleteMeInput {
    /// Your password. Who has none must have signed in within the last ten minutes.
    pub password: Option<String>,
}

/// What to change about a user. What is absent stays.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// The id of the user: `user_...`.
    pub id: ID,
    /// What they are called: 1 to 200 characters on one line.
    pub name: Option<String>,
    /// What they may do. Counts from their next request on.
    pub role: Option<UserRole>,
    /// Whether they are shut out. That signs them out everywhere at once.
    pub disabled: Option<bool>,
}

/// Which user to delete.
#[derive(InputObject)]
pub struct DeleteUserInput {
    /// The id of the user: `user_...`.
    pub id: ID,
}
