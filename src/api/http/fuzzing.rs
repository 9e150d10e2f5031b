//! What the fuzz targets in `tests/fuzz` reach of this module; compiled for them alone.

pub use super::limits::Limiter;
pub use super::multipart::Incoming;
pub use super::reply::Refusal;
pub use super::request::GraphqlRequest;
