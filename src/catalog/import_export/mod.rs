//! Product import and export as CSV. Imports also read exports of Shopify and other shops; exports can be imported
//! again.

pub mod graphql;
pub mod service;
