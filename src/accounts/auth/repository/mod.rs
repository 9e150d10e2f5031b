//! Queries on `sessions`, `registrations`, `one_time_codes`, `code_failures` and `known_networks`.

pub mod codes;
pub mod failures;
pub mod networks;
pub mod registrations;
pub mod sessions;
