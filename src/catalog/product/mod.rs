//! Products of a shop.
//!
//! A product has one primary category and optional additional ones. Customers see it if its status is active and its
//! primary category is visible. Every query takes the [`Audience`](crate::core::viewer::Audience) to filter by.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::{ProductId, Status};
