//! Idempotency keys: a mutation that is sent again under the key of the first time is answered as it was then.
//!
//! A call claims its key before it is executed. Each transaction of its change notes in itself that it was committed (the
//! [`Mark`](crate::infra::database::Mark) of the call's own handle), so the row always tells whether a call may be executed once
//! more, whatever was cut when: what was committed is never done twice.

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
