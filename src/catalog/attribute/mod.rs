//! Typed attributes of products and variants, such as the material or the capacity, and the product types that group
//! them.
//!
//! This feature is below `product`, which filters and counts by attributes: it knows products and variants only by their
//! UUIDs.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::{AttributeId, ChoiceId, ProductTypeId};
