//! Errors that a form can show: mutations return them in `userErrors` of their payload.

use std::time::Duration;

use async_graphql::{Enum, SimpleObject};

use super::Error;

/// Why a mutation refused what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// An admin has shut the account out.
    AccountDisabled,
    /// A value breaks a rule, which the message tells.
    BadUserInput,
    /// It would collide with what is there already.
    Conflict,
    /// The address has not been verified. After a right password: ask for the code. With a Google account: Google has to
    /// verify it.
    EmailNotVerified,
    /// The address or the password is wrong.
    InvalidCredentials,
    /// It would leave no way to sign in.
    LastSignInMethod,
    /// The address has an account, whose owner has to sign in to it and link this one.
    LinkRequired,
    /// The shop does not offer this.
    NotConfigured,
    /// There is no such thing, or none of yours.
    NotFound,
    /// The code is wrong, used, too old, or was tried too often.
    OtpInvalid,
    /// This needs a sign-in that is a few minutes old at the most.
    ReauthenticationRequired,
    /// The token is wrong, used or too old: sign in again.
    TokenInvalid,
}

/// Why a mutation refused what it was asked. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// For the program.
    pub code: UserErrorCode,
    /// Which part of the input is to blame, such as `newPassword`; null when it is not one part.
    pub field: Option<String>,
    /// For the person: a sentence in English.
    pub message: String,
    /// How many seconds to wait before trying again, where waiting helps.
    pub retry_after_seconds: Option<i32>,
    /// The `version` that the thing has now, when it is not the `expectedVersion`.
    pub current_version: Option<i32>,
    /// The current stock of the product, when it differs from `expectedStock`.
    pub current_stock: Option<i32>,
}

impl UserError {
    /// A refusal of one part of the input, or of the whole.
    pub fn new<'a>(
        code: UserErrorCode,
        field: impl Into<Option<&'a str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            field: field.into().map(ToOwned::to_owned),
            message: message.into(),
            retry_after_seconds: None,
            current_version: None,
            current_stock: None,
        }
    }

    /// A refusal of a change to something that somebody else has changed since it was read.
    pub fn stale(current: i32) -> Self {
        let message = "Somebody has changed this since you read it. Read it again.";
        Self {
            current_version: Some(current),
            ..Self::new(UserErrorCode::Conflict, "expectedVersion", message)
        }
    }

    /// A refusal of a change to a product whose stock has changed since it was read.
    pub fn stale_stock(current: i32) -> Self {
        let message = format!("The stock is {current} now. Read the product again.");
        Self {
            current_stock: Some(current),
            ..Self::new(UserErrorCode::Conflict, "expectedStock", message)
        }
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        Self::Refused(vec![error])
    }
}

/// Whole seconds to wait, at least one.
pub fn seconds(wait: Duration) -> i32 {
    let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    i32::try_from(rounded_up.max(1)).unwrap_or(i32::MAX)
}
