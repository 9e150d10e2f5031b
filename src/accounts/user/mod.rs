//! Users: the people who may sign in, as customers or as admins.
//!
//! What they sign in with, and what they may do while signed in, is the affair of [`auth`](crate::accounts::auth).

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use crate::core::viewer::{Role, UserId};
