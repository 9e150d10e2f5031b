//! Idempotency keys: a mutation that is repeated with the same key returns the response of the first execution.
//!
//! A request claims its key before it is executed. Each transaction of its change also sets `committed` in the key's
//! row (with the [`CommitHook`](crate::infra::database::CommitHook) of the request's database handle). So the row
//! always shows whether the request may be executed again, even after a crash: a committed change is never repeated.

pub mod entity;
pub mod repository;
pub mod service;

use std::time::Duration;

use crate::platform::jobs::Registry;

/// Registers the clean-ups of this feature.
pub fn register(registry: &mut Registry) {
    registry.clean_up("idempotency_keys", Duration::from_hours(1), async |state| {
        service::delete_expired(&state).await
    });
}
