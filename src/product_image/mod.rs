//! Pictures of products: what is known of each object in the store, and its place in the product's gallery.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use entity::ImageId;
