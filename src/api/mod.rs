//! The API: one GraphQL schema over HTTP.
//!
//! - [`access_rules`]: which viewers may select which root fields, checked before execution.
//! - [`audit_log`]: the audit log in the schema; its subjects are objects of all features.
//! - [`catalog_fields`]: the parts of the catalog that fields read, for cached responses.
//! - `features`: the macro that assembles the API from the list of features in [`schema`].
//! - [`http`]: router, GraphQL endpoint, query limits, Google routes, metrics and health.
//! - [`schema`]: the root types, composed of the features' fields; `node` and `nodes`.
//! - [`secret_fields`]: mutations whose responses contain secrets and are therefore not stored.

pub mod access_rules;
pub mod audit_log;
pub mod catalog_fields;
mod features;
pub mod http;
pub mod schema;
pub mod secret_fields;
