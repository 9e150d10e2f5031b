//! What the store answers when it does not do what it is asked.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::core::error::{Error, Result};

/// What an operation fails with.
pub(super) type Failure<E> = SdkError<E, HttpResponse>;

/// What turns an error of the store into ours: what could not be done, with which object, and why.
pub(super) fn failed<E>(what: &str, key: &str) -> impl FnOnce(E) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| Error::storage(anyhow::Error::new(error).context(format!("can't {what} {key}")))
}

/// An answer that no S3 server should give.
pub(super) fn odd(what: &str) -> Error {
    Error::storage(anyhow::anyhow!("the object store: {what}"))
}

/// The length of an object.
pub(super) fn length(given: Option<i64>) -> Result<u64> {
    let given = given.and_then(|bytes| u64::try_from(bytes).ok());
    given.ok_or_else(|| odd("an object has no length"))
}

/// Whether the store gave this code.
pub(super) fn has_code<E: ProvideErrorMetadata>(error: &Failure<E>, code: &str) -> bool {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        == Some(code)
}

/// The status of the store's answer, if there was one.
pub(super) fn status<E>(error: &Failure<E>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

/// Whether there is no such object. That there is no such bucket is another thing, where the store tells the two apart.
pub(super) fn is_missing_object<E: ProvideErrorMetadata>(error: &Failure<E>) -> bool {
    status(error) == Some(404) && !has_code(error, "NoSuchBucket")
}
