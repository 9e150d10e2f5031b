//! Shop settings: name, currency, countries, sign-in methods and the limits for client-side validation.

pub mod graphql;
