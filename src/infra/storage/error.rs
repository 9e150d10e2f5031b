//! Classifies errors of the object store.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::core::error::{Error, Result};

/// The error of an S3 operation.
pub(super) type Failure<E> = SdkError<E, HttpResponse>;

/// Returns a function that converts an error of the store: which operation failed, on which object, and why.
pub(super) fn failed<E>(what: &str, key: &str) -> impl FnOnce(E) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| Error::storage(anyhow::Error::new(error).context(format!("can't {what} {key}")))
}

/// Returns an error for a response that violates the S3 protocol.
pub(super) fn protocol_error(what: &str) -> Error {
    Error::storage(anyhow::anyhow!("the object store: {what}"))
}

/// Returns the length of an object.
pub(super) fn length(given: Option<i64>) -> Result<u64> {
    let given = given.and_then(|bytes| u64::try_from(bytes).ok());
    given.ok_or_else(|| protocol_error("an object has no length"))
}

/// Whether the store returned this error code.
pub(super) fn has_code<E: ProvideErrorMetadata>(error: &Failure<E>, code: &str) -> bool {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        == Some(code)
}

/// Returns the HTTP status of the store's response, if there was one.
pub(super) fn status<E>(error: &Failure<E>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

/// Whether the object does not exist. A missing bucket is another error, where the store distinguishes the two.
pub(super) fn is_missing_object<E: ProvideErrorMetadata>(error: &Failure<E>) -> bool {
    status(error) == Some(404) && !has_code(error, "NoSuchBucket")
}
