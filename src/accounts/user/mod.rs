//! Users: customers and admins.
//!
//! Credentials and sessions are in [`auth`](crate::accounts::auth).

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use crate::core::viewer::{Role, UserId};
