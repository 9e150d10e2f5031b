//! The queries on `sessions` and `one_time_codes`.

pub mod codes;
pub mod sessions;
