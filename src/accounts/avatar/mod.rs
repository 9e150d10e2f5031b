//! Avatars: at most one image of each user.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;
