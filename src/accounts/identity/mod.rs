//! Identities: accounts elsewhere, such as Google's, that users sign in with.
//!
//! - An identity is the **subject** that its provider names somebody by, for ever. Addresses change hands, and are never
//!   what somebody is known by.
//! - **What a provider has proved waits behind a code** ([`offer`](service::offer)) until the client that began the sign-in
//!   brings it. Until then nobody is made, linked or signed in. Codes are good once.
//! - **Nobody takes over an account** ([`service`] has the rules): an address that has one already is linked only by who
//!   proves to own the account, or when the provider itself gives the address out.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use entity::IdentityId;

use std::time::Duration;

use crate::platform::jobs::Registry;

/// Registers the clean-ups of this feature.
pub fn register(registry: &mut Registry) {
    registry.clean_up("identities", Duration::from_hours(1), async |state| {
        service::delete_expired(&state).await
    });
}
