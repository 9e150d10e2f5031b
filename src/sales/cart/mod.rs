//! Carts: the items that a buyer wants, and where to send them.
//!
//! A cart has no prices and reserves no stock: both are those of the catalog at the time of a request. A user has one
//! cart, on all devices. A client that is not signed in has the token of its cart. After the sign-in it claims the cart.
//!
//! Every change locks the row of the cart first, so that concurrent changes wait for each other and none is lost.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;
pub mod token;

use std::time::Duration;

use crate::platform::jobs::Registry;

/// Registers the clean-up of this feature.
pub fn register(registry: &mut Registry) {
    registry.clean_up("carts", Duration::from_hours(1), async |state| {
        service::delete_expired(&state).await
    });
}
