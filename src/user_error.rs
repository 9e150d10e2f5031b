//! What a form can show: the refusals that mutations give in their payload, and how a service collects them.

use std::time::Duration;

use async_graphql::{Enum, SimpleObject};

use crate::error::{Error, Result};
use crate::id::TypedId;
use crate::patch::Patch;

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

/// Collects what is wrong with an input, so that a form learns all of it at once.
#[derive(Debug, Default)]
pub struct Form(Vec<UserError>);

impl Form {
    /// Takes what a check gave: the value, or what is wrong with the field.
    pub fn check<T>(&mut self, field: &str, checked: Result<T, impl Into<String>>) -> Option<T> {
        let refuse = |message| UserError::new(UserErrorCode::BadUserInput, field, message);
        checked.map_err(|message| self.0.push(refuse(message))).ok()
    }

    /// Reads the id that a field holds.
    pub fn id<Id: TypedId>(&mut self, field: &str, text: &str) -> Option<Id> {
        let parsed = Id::parse(text, field);
        self.check(field, parsed.map_err(|error| error.message().to_owned()))
    }

    /// The new value of a field that can't be empty, if there is one; null is refused.
    pub fn required<T>(&mut self, field: &str, patch: Patch<T>) -> Option<T> {
        match patch {
            Patch::Keep => None,
            Patch::Clear => self.check(
                field,
                Err("This must not be null: leave it out to keep it."),
            ),
            Patch::Set(value) => Some(value),
        }
    }

    /// What is asked of a field that can be cleared, with the value that a check makes of a new one. What breaks a rule
    /// is noted, and stays.
    pub fn patch<T, U, E: Into<String>>(
        &mut self,
        field: &str,
        patch: Patch<T>,
        check: impl FnOnce(T) -> Result<U, E>,
    ) -> Patch<U> {
        match patch {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => self
                .check(field, check(value))
                .map_or(Patch::Keep, Patch::Set),
        }
    }

    /// Takes a refusal with a code of its own.
    pub fn refuse(&mut self, error: UserError) {
        self.0.push(error);
    }

    /// Whether nothing was wrong so far.
    pub const fn is_fine(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusal that holds everything that was wrong.
    pub fn refusal(self) -> Error {
        Error::Refused(self.0)
    }

    /// Refuses when anything was wrong.
    pub fn finish(self) -> Result<()> {
        if self.is_fine() {
            Ok(())
        } else {
            Err(self.refusal())
        }
    }
}

/// What a mutation answers: the payload of what was done, or the payload that tells why not.
pub fn answer<T, P>(done: Result<T>) -> Result<P>
where
    P: From<T> + From<Vec<UserError>>,
{
    match done {
        Ok(done) => Ok(done.into()),
        Err(Error::Refused(errors)) => Ok(errors.into()),
        Err(Error::BadUserInput { field, message }) => {
            let error = UserError::new(UserErrorCode::BadUserInput, field.as_str(), message);
            Ok(vec![error].into())
        }
        Err(other) => Err(other),
    }
}

/// Whole seconds to wait, at least one.
pub fn seconds(wait: Duration) -> i32 {
    let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    i32::try_from(rounded_up.max(1)).unwrap_or(i32::MAX)
}

/// Makes a payload of user errors, for [`answer`].
#[macro_export]
macro_rules! payload {
    ($payload:ty) => {
        impl From<Vec<$crate::user_error::UserError>> for $payload {
            fn from(user_errors: Vec<$crate::user_error::UserError>) -> Self {
                Self {
                    user_errors,
                    ..Self::default()
                }
            }
        }
    };
}
