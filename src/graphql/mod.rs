//! The toolkit of the features' APIs.
//!
//! - [`dataloader`]: batches the lookups of one request.
//! - [`error`]: converts errors to errors of GraphQL.
//! - [`guard`]: guards of fields: which viewers may select them.
//! - [`node`]: types that are found by their id.
//! - [`payload`]: payloads of mutations: the result or user errors.
//! - [`root`]: root objects whose nullable fields keep their errors to themselves.
//! - [`upload`]: files of a multipart request, streamed to the resolvers.

pub mod dataloader;
pub mod error;
pub mod guard;
pub mod node;
pub mod payload;
pub mod root;
pub mod upload;
