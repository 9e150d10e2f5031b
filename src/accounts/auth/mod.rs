//! Accounts: registering, proving an address, signing in and staying signed in, recovering, and who may do what to whom.
//!
//! - A **session** is one device that is signed in. Its access tokens say which session they are of, and the session is
//!   looked up at each request: what has no row is over at once. Its refresh token changes with each use; an old one that
//!   comes back ends the session ([`refresh`](service::refresh) has the rules).
//! - A **one-time code** belongs to a purpose and a subject. It is made from a nonce by the server's key, so that neither
//!   the database nor the outbox holds it.
//! - **Nobody learns who has an account.** What is asked for an address runs the same statements whether or not it is
//!   known: rows for nobody stand in for codes and letters.
//! - **Nobody registers in another's name.** A registration waits in a row of its own until its code proves the address,
//!   and a password that somebody else may have chosen does not count ([`register`](service::register)).

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use crate::core::viewer::SessionId;

use std::time::Duration;

use crate::platform::jobs::Registry;

/// Registers the clean-ups of this feature.
pub fn register(registry: &mut Registry) {
    registry.clean_up("sessions", Duration::from_hours(1), async |state| {
        service::delete_expired(&state).await
    });
}
