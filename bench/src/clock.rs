//! Time as Wares stores it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the time in microseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the bench has no clock that tests replace"
)]
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(now.unwrap_or_default().as_micros()).unwrap_or_default()
}
