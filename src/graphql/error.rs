//! Converts an [`Error`] into a GraphQL error.

use std::any::Any;
use std::sync::Arc;

use async_graphql::{Pos, ServerError};

use crate::core::error::Error;
use crate::infra::database::is_unreachable;
use crate::infra::telemetry::traces;

/// The source of a GraphQL error caused by a serialization failure or deadlock: nothing was changed, and the
/// operation can be executed again.
#[derive(Clone, Copy, Debug)]
pub struct SerializationFailure;

/// The source of a GraphQL error caused by a lost connection to the database. The operation can be executed again if it
/// has committed nothing.
#[derive(Clone, Debug)]
pub struct ConnectionLost(Error);

impl ConnectionLost {
    /// Logs the cause, when the operation is not executed again.
    pub fn log(&self) {
        traces::log_failure(&self.0, "internal error");
    }
}

/// Creates a GraphQL error at a position of the document.
pub fn at(error: Error, position: Pos) -> ServerError {
    async_graphql::Error::from(error).into_server_error(position)
}

/// Creates the GraphQL error of a whole request, without a position in the document.
pub fn of_request(error: Error) -> ServerError {
    let mut error = at(error, Pos::default());
    error.locations.clear();
    error
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let is_connection_lost = is_unreachable(&error);
        if !is_connection_lost {
            traces::log_failure(&error, "internal error");
        }
        let mut extensions = async_graphql::ErrorExtensionValues::default();
        extensions.set("code", error.code().as_str());
        if let Error::BadUserInput { field, .. }
        | Error::PayloadTooLarge {
            field: Some(field), ..
        } = &error
        {
            extensions.set("field", field.as_str());
        }
        if let Some(seconds) = error.retry_after_seconds() {
            extensions.set("retryAfterSeconds", seconds);
        }
        let message = error.message().to_owned();
        let source: Option<Arc<dyn Any + Send + Sync>> = match error {
            Error::SerializationFailure(_) => Some(Arc::new(SerializationFailure)),
            error if is_connection_lost => Some(Arc::new(ConnectionLost(error))),
            _ => None,
        };
        Self {
            message,
            source,
            extensions: Some(extensions),
        }
    }
}
