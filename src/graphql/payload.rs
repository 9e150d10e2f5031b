//! Mutation payloads: a result or user errors.

use crate::core::error::{Error, Result, UserError, UserErrorCode};

/// Converts the result of a service into the payload of a mutation.
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

/// Implements the conversion of user errors into a payload, for [`answer`].
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
