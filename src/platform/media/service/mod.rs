//! Stores, resizes and deletes images.

mod fetch;
mod image_upload;
mod large_upload;
mod many;
mod pending_deletion;
mod remove;
mod sizes;

pub use fetch::fetch;
pub use image_upload::{Stored, random_key, store};
pub use many::store_many;
pub use remove::{DeleteObject, deletion, enqueue_deletions};
pub use sizes::{ImageOwner, Resize, Size, size_key};

use crate::core::error::Error;
use crate::core::retry::Failure;
use crate::infra::image::{self, Refusal};
use crate::infra::storage::ObjectReader;

/// Converts a rejection into an error. `field` is the argument with the image.
fn refuse(field: &str, refusal: Refusal) -> Error {
    Error::bad_input(field, refusal.0)
}

/// Converts a processing error. Read errors of the store are returned as such.
fn explain(field: &str, failure: image::Failure) -> Error {
    match failure {
        image::Failure::Refused(refusal) => refuse(field, refusal),
        image::Failure::Io(error) => {
            ObjectReader::cause(&error).unwrap_or_else(|| Error::internal(error))
        }
    }
}

/// Converts an error of a job. An invalid image fails permanently; errors of the store or the database are temporary.
pub fn failure(error: Error) -> Failure {
    let permanent = matches!(
        error,
        Error::BadUserInput { .. } | Error::PayloadTooLarge { .. } | Error::Refused(_)
    );
    let why = error.into_cause().to_string();
    if permanent {
        Failure::Permanent(why)
    } else {
        Failure::Temporary(why)
    }
}
