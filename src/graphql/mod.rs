//! The toolkit of the features' APIs.
//!
//! - `cached_loads`: lookups whose results the read cache keeps.
//! - [`catalog_reads`]: what a request reads of the catalog.
//! - [`cookie`]: cookies with tokens.
//! - [`dataloader`]: batches the lookups of one request.
//! - [`error`]: converts errors into GraphQL errors.
//! - [`guard`]: the viewers that may select a field.
//! - [`node`]: types that are found by their id.
//! - [`payload`]: mutation payloads: a result or user errors.
//! - [`root`]: root objects whose nullable fields fail independently.
//! - [`upload`]: files of a multipart request, streamed to resolvers.

mod cached_loads;
pub mod catalog_reads;
pub mod cookie;
pub mod dataloader;
pub mod error;
pub mod guard;
pub mod node;
pub mod payload;
pub mod root;
pub mod upload;
