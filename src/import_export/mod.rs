//! Products in bulk: files of them that come in.

pub mod graphql;
pub mod service;
