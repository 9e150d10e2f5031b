//! Payloads of mutations: the result, or the user errors.

use crate::core::error::{Error, Result, UserError, UserErrorCode};

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

/// Makes a payload of user errors, for [`answer`].
#[macro_export]
macro_rules! payload {
    ($payload:ty) => {
        impl From<Vec<$crate::core::error::UserError>> for $payload {
            fn from(user_errors: Vec<$crate::core::error::UserError>) -> Self {
                Self {
                    user_errors,
                    ..Self::default()
                }
            }
        }
    };
}
