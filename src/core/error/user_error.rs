//! Errors for display in a form; mutations return them in `userErrors` of their payload.

use std::time::Duration;

use async_graphql::{Enum, SimpleObject};

use super::Error;

/// The reason why a mutation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// An admin has disabled the account.
    AccountDisabled,
    /// The order is paid already, so that it can't be paid again, replaced or canceled.
    AlreadyPaid,
    /// The amount is less than the minimum of this way to pay.
    AmountTooSmall,
    /// A value is invalid. The message explains the rule.
    BadUserInput,
    /// A discount code was used up meanwhile. The cart has the new total.
    CodeNotApplicable,
    /// The change conflicts with the current data.
    Conflict,
    /// The email address is not verified. After a correct password: request a code. With a Google account: Google
    /// must verify the address.
    EmailNotVerified,
    /// The email address or the password is wrong.
    InvalidCredentials,
    /// The change would remove the account's last sign-in method.
    LastSignInMethod,
    /// An account with this email address exists. Its owner must sign in and link this identity.
    LinkRequired,
    /// The shop does not offer this feature.
    NotConfigured,
    /// The product is not for sale.
    NotForSale,
    /// The object does not exist or is not accessible to the viewer.
    NotFound,
    /// The order is closed, or can't be paid or changed in this way any more.
    OrderClosed,
    /// The code is wrong, used, expired, or was tried too often.
    OtpInvalid,
    /// Fewer units are left than requested. The message has their number.
    OutOfStock,
    /// The session was not authenticated within the last few minutes. Sign in again.
    ReauthenticationRequired,
    /// The token is invalid, used or expired. Sign in again.
    TokenInvalid,
    /// The order does not cost what the buyer expects. The cart has the new total.
    TotalChanged,
}

/// The reason why a mutation was refused. Nothing was changed, except by `updateProducts` with `REJECT_FAILED`: an
/// error of one result then concerns that product only.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// The error code, for programs.
    pub code: UserErrorCode,
    /// The path of the invalid input field, such as `newPassword`. Null if the error has no single field.
    pub field: Option<String>,
    /// The error message for the user, in English.
    pub message: String,
    /// The number of seconds to wait before a retry. Null if waiting does not help.
    pub retry_after_seconds: Option<i32>,
    /// The current `version` of the object if it differs from `expectedVersion`. Null otherwise.
    pub current_version: Option<i32>,
    /// The current stock of the product if it differs from `expectedStock`. Null otherwise.
    pub current_stock: Option<i32>,
}

impl UserError {
    /// Creates an error for one field of the input, or for the whole input.
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

    /// Creates the error for a change based on an outdated version.
    pub fn stale(current: i32) -> Self {
        let message = "This was changed since you read it. Read it again and repeat your change.";
        Self {
            current_version: Some(current),
            ..Self::new(UserErrorCode::Conflict, "expectedVersion", message)
        }
    }

    /// Creates the error for a change of a product based on an outdated stock.
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

/// Returns the whole seconds to wait, rounded up, minimum 1.
pub fn seconds(wait: Duration) -> i32 {
    let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    i32::try_from(rounded_up.max(1)).unwrap_or(i32::MAX)
}
