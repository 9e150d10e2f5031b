//! Product images: the gallery of each product. Images are uploaded through the API, uploaded by clients directly to
//! the object store, or fetched from URLs in imports.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use entity::upload::ImageUploadId;
