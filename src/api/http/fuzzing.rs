//! Exports of this module for the fuzz targets in `tests/fuzz`; compiled for them only.

pub use super::limits::Limiter;
pub use super::multipart::Incoming;
pub use super::reply::Refusal;
pub use super::request::GraphqlRequest;
