//! Registration, email verification, sign-in, sessions, password reset, and management of accounts.
//!
//! - A **session** is one signed-in device. An access token names its session, which is looked up at each request: an
//!   access token without a session row is invalid at once. Each refresh replaces the refresh token; reuse of an old
//!   one ends the session ([`refresh`](service::refresh) has the rules).
//! - A **one-time code** belongs to a purpose and a subject. It is derived from a nonce with the server's key, so
//!   that neither the database nor the outbox contains it.
//! - An **invitation** creates a user before its email address is verified
//!   ([`invite_user`](service::invite_user)).
//! - **Account existence is not disclosed.** A request for an address runs the same statements whether or not it has
//!   an account. Placeholder rows replace codes and emails.
//! - **An unverified registration claims no address.** It is stored in its own table until a code verifies the
//!   address. A password that another person may have chosen is discarded ([`register`](service::register)).

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
