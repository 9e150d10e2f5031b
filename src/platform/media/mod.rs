//! Pictures in the store, whoever they belong to: how one gets there, how its sizes are made, how it leaves, and what the
//! API shows of it.
//!
//! No object is without a row for long, and no row without an object: before a picture is written to the store, its
//! deletion is written into the outbox, for an hour later. The transaction that stores the row takes the deletion back. So
//! whatever happens in between, a crash included, the object is either named or removed.

pub mod entity;
pub mod graphql;
pub mod service;

pub use entity::{ImageId, Picture};
