//! Pictures of products: each has its place in the gallery of one. They come with a mutation, from a client that sends
//! them to the store by itself, or from the address that an import names.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use entity::upload::ImageUploadId;
