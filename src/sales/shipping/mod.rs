//! Shipping. A zone is a set of countries, regions or postal codes, and has the shipping methods that are offered there.
//! The most specific zone of a destination applies. A method has brackets: prices from a weight or an amount on.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use entity::{ShippingMethodId, ShippingZoneId};
