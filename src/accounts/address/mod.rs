//! Address books: the postal addresses of a user.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;
