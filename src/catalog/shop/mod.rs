//! Shop settings: name, currency, sign-in methods and the limits for client-side validation.

pub mod graphql;
