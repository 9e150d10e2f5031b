//! Queries on `identities`, `oauth_codes` and `used_oauth_flows`.

pub mod codes;
pub mod flows;
pub mod identities;
