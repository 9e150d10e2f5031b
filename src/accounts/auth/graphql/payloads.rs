//! What mutations on accounts answer.

use async_graphql::{ID, SimpleObject};

use super::Session;
use crate::accounts::auth::entity::session::Model as SessionRow;
use crate::accounts::user::entity::Model;
use crate::accounts::user::graphql::User;
use crate::core::error::UserError;
use crate::core::id::TypedId;

/// Declares the payload of a mutation that gives tokens.
macro_rules! tokens_payload {
    ($(#[$doc:meta])* $name:ident) => {
        #[derive(Default, async_graphql::SimpleObject)]
        $(#[$doc])*
        pub struct $name {
            /// Send it with each request as `Authorization: Bearer ...`. It is short-lived.
            access_token: Option<String>,
            /// Gets the next access token from `refreshToken`, once. Null when it is in the cookie.
            refresh_token: Option<String>,
            /// When the access token is over. Refresh a little earlier.
            access_token_expires_at: Option<$crate::core::clock::Timestamp>,
            /// Who is signed in.
            user: Option<$crate::accounts::user::graphql::User>,
            /// Why nothing was done; empty when it was.
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

/// Declares the payload of a mutation that gives a user.
macro_rules! user_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Default, SimpleObject)]
        pub struct $name {
            /// The user after the change.
            user: Option<User>,
            /// Why nothing was done; empty when it was.
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
            /// The id of the deleted user. Null if nothing was deleted.
            user_id: Option<ID>,
            /// The user as it was, without the avatar, which is deleted too.
            user: Option<User>,
            /// Why the user was not deleted. Empty on success.
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
            /// How many seconds to wait before another code may be asked for.
            resend_after_seconds: Option<i32>,
            /// Why nothing was done; empty when it was.
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

/// Declares the payload of a mutation that gives nothing.
macro_rules! bare_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, SimpleObject)]
        pub struct $name {
            /// Why nothing was done; empty when it was.
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

/// That a code was sent, to whoever has a use for it.
pub struct CodeSent {
    pub resend_after_seconds: i32,
}

tokens_payload!(
    /// What came of `login`.
    LoginPayload
);
tokens_payload!(
    /// What came of `refreshToken`.
    RefreshTokenPayload
);
tokens_payload!(
    /// What came of `changePassword`. The refresh token that you had is worth nothing any more.
    ChangePasswordPayload
);

user_payload!(
    /// What came of `verifyEmail`.
    VerifyEmailPayload
);
user_payload!(
    /// What came of `confirmEmailChange`.
    ConfirmEmailChangePayload
);
deleted_user_payload!(
    /// Payload of `deleteMe`.
    DeleteMePayload
);
user_payload!(
    /// What came of `updateUser`.
    UpdateUserPayload
);
deleted_user_payload!(
    /// Payload of `deleteUser`.
    DeleteUserPayload
);

code_payload!(
    /// What came of `register`: the same whether or not the address has an account already. A letter tells its owner.
    RegisterPayload
);
code_payload!(
    /// What came of `resendOtp`: the same whether or not there was a use for a code.
    ResendOtpPayload
);
code_payload!(
    /// What came of `forgotPassword`: the same whether or not the address has an account.
    ForgotPasswordPayload
);
code_payload!(
    /// What came of `changeEmail`: the same whether or not the new address has another account.
    ChangeEmailPayload
);

bare_payload!(
    /// What came of `logout`.
    LogoutPayload
);
bare_payload!(
    /// What came of `logoutAll`.
    LogoutAllPayload
);
bare_payload!(
    /// What came of `resetPassword`. Sign in with the new password.
    ResetPasswordPayload
);

/// Payload of `revokeSession`.
#[derive(Debug, Default, SimpleObject)]
pub struct RevokeSessionPayload {
    /// The id of the session that was ended. Null if none was.
    session_id: Option<ID>,
    /// The session as it was.
    session: Option<Session>,
    /// Why none was ended. Empty on success.
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
