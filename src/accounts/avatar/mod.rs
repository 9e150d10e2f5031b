//! Pictures of users: everybody has one at the most, and puts it there.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;
