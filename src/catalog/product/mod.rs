//! Products: what the shop sells.
//!
//! A product has one primary category and may be in further ones. Customers see it when it is active and its primary
//! category is visible; every query that finds products takes the [`Audience`](crate::core::viewer::Audience) it answers to.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::{ProductId, Status};
