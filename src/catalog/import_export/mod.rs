//! Products as CSV: the import of files, those of Shopify among them, and the export that can be imported again.

pub mod graphql;
pub mod service;
