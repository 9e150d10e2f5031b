//! Category tree of a shop.
//!
//! A category is visible to customers if it and all its ancestors are published. Two columns are derived from the
//! tree and maintained by the service: `visible`, and `path`, the positions from the root down. Sorting by `path`
//! yields the tree order, and the prefixes of a path are the paths of the ancestors.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::CategoryId;
