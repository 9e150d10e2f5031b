//! The outbox: what is to be done outside of the database is written down in the transaction of the change it belongs to,
//! and done afterwards, again and again until it succeeds or is out of date. Letters are sent, pictures removed from the
//! store, fetched, and made in several sizes. Any server on the database does it; what one has taken comes back to the
//! others when that one dies.

pub mod entity;
pub mod repository;
pub mod service;
