//! Categories: the tree that a shop is browsed by.
//!
//! A category is visible to customers when it and all its ancestors are published. Two columns follow from the tree and
//! are kept by the service alone: `path`, the chain of positions from the root (it orders the tree as a menu reads,
//! and its prefixes are the ancestors), and `visible`.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::CategoryId;
