//! Payloads of mutations on accounts.

use async_graphql::ID;

use super::Session;
use crate::accounts::auth::entity::session::Model as SessionRow;
use crate::accounts::user::entity::Model;
use crate::accounts::user::graphql::User;
use crate::core::id::TypedId;
use crate::payload;

/// Declares payloads that return tokens.
macro_rules! tokens_payload {
    ($($names:tt)*) => {
        $crate::payload! {
            $($names)*
            ($crate::accounts::auth::service::Tokens as tokens) {
                /// Access token, short-lived. Send it with each request as `Authorization: Bearer ...`.
                access_token: Option<String>
                    = Some(tokens.access_token.expose().to_owned()),
                /// Send it to `refreshToken`, once, for the next access token and the next refresh token. Null if it
                /// is in the cookie.
                refresh_token: Option<String>
                    = (!tokens.in_cookie).then(|| tokens.refresh_token.expose().to_owned()),
                /// Expiration time of the access token. Refresh shortly before it.
                access_token_expires_at: Option<$crate::core::clock::Timestamp>
                    = Some(tokens.access_expires_at),
                /// The signed-in user. Null on error.
                user: Option<$crate::accounts::user::graphql::User>
                    = Some($crate::accounts::user::graphql::User(tokens.user)),
            }
        }
    };
}

pub(crate) use tokens_payload;

tokens_payload! {
    /// Payload of `login`.
    LoginPayload,
    /// Payload of `refreshToken`.
    RefreshTokenPayload,
    /// Payload of `changePassword`. All earlier refresh tokens are invalid.
    ChangePasswordPayload,
}

payload! {
    /// Payload of `verifyEmail`.
    VerifyEmailPayload,
    /// Payload of `confirmEmailChange`.
    ConfirmEmailChangePayload,
    /// Payload of `inviteUser`.
    InviteUserPayload,
    /// Payload of `updateUser`.
    UpdateUserPayload,
    (Model as user) {
        /// The user in its new state. Null if nothing was changed.
        user: Option<User> = Some(User(user)),
    }
}

payload! {
    /// Payload of `deleteMe`.
    DeleteMePayload,
    /// Payload of `deleteUser`.
    DeleteUserPayload,
    (Model as user) {
        /// The id of the deleted user. Null if nothing was deleted.
        user_id: Option<ID> = Some(user.id.encode().into()),
        /// The user as it was, without the avatar, which is deleted too.
        user: Option<User> = Some(User(user)),
    }
}

/// Result of a request for a code, whether or not one was sent.
pub struct CodeSent {
    pub resend_after_seconds: i32,
}

payload! {
    /// Payload of `register`: the same whether or not the address has an account. An email informs the owner of one.
    RegisterPayload,
    /// Payload of `resendOtp`: the same whether or not a code was sent.
    ResendOtpPayload,
    /// Payload of `forgotPassword`: the same whether or not the address has an account.
    ForgotPasswordPayload,
    /// Payload of `changeEmail`: the same whether or not another account has the new address.
    ChangeEmailPayload,
    (CodeSent as sent) {
        /// The number of seconds before another code can be requested.
        resend_after_seconds: Option<i32> = Some(sent.resend_after_seconds),
    }
}

payload! {
    /// Payload of `logout`.
    LogoutPayload,
    /// Payload of `logoutAll`.
    LogoutAllPayload,
    /// Payload of `resetPassword`. Sign in with the new password.
    ResetPasswordPayload,
    (() as ()) {}
}

payload! {
    /// Payload of `revokeSession`.
    RevokeSessionPayload,
    (SessionRow as session) {
        /// The id of the session that was ended. Null if nothing was changed.
        session_id: Option<ID> = Some(session.id.encode().into()),
        /// The session as it was.
        session: Option<Session> = Some(Session(session)),
    }
}
