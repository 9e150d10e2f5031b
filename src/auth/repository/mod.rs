//! The queries on `sessions`, `registrations` and `one_time_codes`.

pub mod codes;
pub mod registrations;
pub mod sessions;
