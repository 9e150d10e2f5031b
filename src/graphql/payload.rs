//! Mutation payloads: a result or user errors.

use crate::core::error::{Error, Result, UserError, UserErrorCode};

/// Converts the result of a service into the payload of a mutation.
pub fn into_payload<T, P>(done: Result<T>) -> Result<P>
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

/// Declares the payloads of mutations with the same result: their names, the result, and the fields made of it.
///
/// ```text
/// payload! {
///     /// Payload of `updateMe`.
///     UpdateMePayload,
///     (Model as user) {
///         /// The user after the change.
///         user: Option<User> = Some(User(user)),
///     }
/// }
/// ```
#[macro_export]
macro_rules! payload {
    ($($(#[$about:meta])* $name:ident,)+ ($made:ty as $value:pat) $fields:tt) => {
        $($crate::payload! { @one [$(#[$about])*] $name ($made as $value) $fields })+
    };
    (
        @one [$(#[$about:meta])*] $name:ident ($made:ty as $value:pat)
        { $($(#[$field_about:meta])* $field:ident: $type:ty = $of:expr,)* }
    ) => {
        #[derive(async_graphql::SimpleObject)]
        $(#[$about])*
        pub struct $name {
            $($(#[$field_about])* $field: $type,)*
            /// The reasons why the mutation was refused. Empty on success.
            user_errors: Vec<$crate::core::error::UserError>,
        }

        impl From<Vec<$crate::core::error::UserError>> for $name {
            fn from(user_errors: Vec<$crate::core::error::UserError>) -> Self {
                Self { $($field: <$type>::default(),)* user_errors }
            }
        }

        impl From<$made> for $name {
            fn from($value: $made) -> Self {
                Self { $($field: $of,)* user_errors: Vec::new() }
            }
        }
    };
}
