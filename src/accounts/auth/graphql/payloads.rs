//! Payloads of mutations on accounts.

use async_graphql::{ID, SimpleObject};

use super::Session;
use crate::accounts::auth::entity::session::Model as SessionRow;
use crate::accounts::user::entity::Model;
use crate::accounts::user::graphql::User;
use crate::core::error::UserError;
use crate::core::id::TypedId;

/// Declares the payload of a mutation that returns tokens.
macro_rules! tokens_payload {
    ($(#[$doc:meta])* $name:ident) => {
        #[derive(Default, async_graphql::SimpleObject)]
        $(#[$doc])*
        pub struct $name {
            /// Access token. Send it as `Authorization: Bearer ...`. It is short-lived.
            access_token: Option<String>,
            /// Refresh token for the next `refreshToken`. Can be used once. Null if it is in the cookie.
            refresh_token: Option<String>,
            /// Time at which the access token expires. Refresh it shortly before.
            access_token_expires_at: Option<$crate::core::clock::Timestamp>,
            /// The signed-in user.
            user: Option<$crate::accounts::user::graphql::User>,
            /// Why the mutation failed. Empty on success.
            user_errors: Vec<$crate::core::error::UserError>,
        }

        $crate::payload!($name);

        impl From<$crate::accounts::auth::service::Tokens> for $name {
            fn from(tokens: $crate::accounts::auth::service::Tokens) -> Self {
                let refresh = (!tokens.in_cookie).then_some(tokens.refresh_token);
                Self {
                    access_token: Some(tokens.access_token.expose().to_owned()),
                    refresh_token: refresh.map(|token| token.expose().to_owned()),
                    access_token_expires_at: Some(tokens.access_expires_at),
                    user: Some($crate::accounts::user::graphql::User(tokens.user)),
                    ..Self::default()
                }
            }
        }
    };
}

pub(crate) use tokens_payload;

/// Declares the payload of a mutation that returns a user.
macro_rules! user_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Default, SimpleObject)]
        pub struct $name {
            /// The user after the change.
            user: Option<User>,
            /// Why the mutation failed. Empty on success.
            user_errors: Vec<UserError>,
        }

        $crate::payload!($name);

        impl From<Model> for $name {
            fn from(user: Model) -> Self {
                Self {
                    user: Some(User(user)),
                    ..Self::default()
                }
            }
        }
    };
}

/// Declares the payload of a mutation that deletes a user.
macro_rules! deleted_user_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Default, SimpleObject)]
        pub struct $name {
            /// Id of the deleted user. Null if none was deleted.
            user_id: Option<ID>,
            /// The user before the deletion, without the avatar, which is deleted too.
            user: Option<User>,
            /// Why the deletion failed. Empty on success.
            user_errors: Vec<UserError>,
        }

        $crate::payload!($name);

        impl From<Model> for $name {
            fn from(user: Model) -> Self {
                Self {
                    user_id: Some(user.id.encode().into()),
                    user: Some(User(user)),
                    ..Self::default()
                }
            }
        }
    };
}

/// Declares the payload of a mutation that sends a code.
macro_rules! code_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Default, SimpleObject)]
        pub struct $name {
            /// Seconds to wait before another code can be requested.
            resend_after_seconds: Option<i32>,
            /// Why the mutation failed. Empty on success.
            user_errors: Vec<UserError>,
        }

        $crate::payload!($name);

        impl From<CodeSent> for $name {
            fn from(sent: CodeSent) -> Self {
                Self {
                    resend_after_seconds: Some(sent.resend_after_seconds),
                    ..Self::default()
                }
            }
        }
    };
}

/// Declares the payload of a mutation that returns only errors.
macro_rules! bare_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, SimpleObject)]
        pub struct $name {
            /// Why the mutation failed. Empty on success.
            user_errors: Vec<UserError>,
        }

        impl From<Vec<UserError>> for $name {
            fn from(user_errors: Vec<UserError>) -> Self {
                Self { user_errors }
            }
        }

        impl From<()> for $name {
            fn from((): ()) -> Self {
                Vec::new().into()
            }
        }
    };
}

/// Result of a request for a code, whether or not one was sent.
pub struct CodeSent {
    pub resend_after_seconds: i32,
}

tokens_payload!(
    /// Payload of `login`.
    LoginPayload
);
tokens_payload!(
    /// Payload of `refreshToken`.
    RefreshTokenPayload
);
tokens_payload!(
    /// Payload of `changePassword`. The previous refresh token is void.
    ChangePasswordPayload
);

user_payload!(
    /// Payload of `verifyEmail`.
    VerifyEmailPayload
);
user_payload!(
    /// Payload of `confirmEmailChange`.
    ConfirmEmailChangePayload
);
deleted_user_payload!(
    /// Payload of `deleteMe`.
    DeleteMePayload
);
user_payload!(
    /// Payload of `updateUser`.
    UpdateUserPayload
);
deleted_user_payload!(
    /// Payload of `deleteUser`.
    DeleteUserPayload
);

code_payload!(
    /// Payload of `register`. The same whether or not the address has an account; an existing owner is notified by
    /// email.
    RegisterPayload
);
code_payload!(
    /// Payload of `resendOtp`. The same whether or not the address has a pending registration.
    ResendOtpPayload
);
code_payload!(
    /// Payload of `forgotPassword`. The same whether or not the address has an account.
    ForgotPasswordPayload
);
code_payload!(
    /// Payload of `changeEmail`. The same whether or not the new address has another account.
    ChangeEmailPayload
);

bare_payload!(
    /// Payload of `logout`.
    LogoutPayload
);
bare_payload!(
    /// Payload of `logoutAll`.
    LogoutAllPayload
);
bare_payload!(
    /// Payload of `resetPassword`. Sign in with the new password.
    ResetPasswordPayload
);

/// Payload of `revokeSession`.
#[derive(Debug, Default, SimpleObject)]
pub struct RevokeSessionPayload {
    /// Id of the ended session. Null if none was ended.
    session_id: Option<ID>,
    /// The session before it was ended.
    session: Option<Session>,
    /// Why the mutation failed. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload!(RevokeSessionPayload);

impl From<SessionRow> for RevokeSessionPayload {
    fn from(session: SessionRow) -> Self {
        Self {
            session_id: Some(session.id.encode().into()),
            session: Some(Session(session)),
            ..Self::default()
        }
    }
}
