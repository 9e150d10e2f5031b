//! Identities: accounts at OpenID providers, such as Google, that users sign in with.
//!
//! - An identity is the permanent **subject** (`sub`) of its issuer. Email addresses are never the key, because they
//!   can change owners.
//! - **Verified claims are stored behind a one-time code** ([`create_code`](service::create_code)) until the client
//!   that started the sign-in sends the code. No user is created, linked or signed in before.
//! - **An existing account can't be taken over** ([`service`] has the rules): it is linked only by its signed-in
//!   owner, or if the provider hosts the email address.

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
