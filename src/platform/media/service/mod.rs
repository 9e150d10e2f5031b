//! Storing pictures, making their sizes, removing them.

mod claim;
mod fetch;
mod intake;
mod many;
mod remove;
mod sizes;

pub use fetch::fetch;
pub use intake::{Stored, random_key, store};
pub use many::store_many;
pub use remove::{DeleteObject, deletion, forget};
pub use sizes::{ImageOwner, Resize, Size, size_key};

use crate::core::error::Error;
use crate::core::retry::Failure;
use crate::infra::image::{self, Refusal};
use crate::infra::storage::ObjectReader;

/// What the owner of a picture is told that is refused; `field` is the argument that it came in.
fn refuse(field: &str, refusal: Refusal) -> Error {
    Error::bad_input(field, refusal.0)
}

/// The same of work on it that failed: it may be the store that it was read from.
fn explain(field: &str, failure: image::Failure) -> Error {
    match failure {
        image::Failure::Refused(refusal) => refuse(field, refusal),
        image::Failure::Io(error) => {
            ObjectReader::cause(&error).unwrap_or_else(|| Error::internal(error))
        }
    }
}

/// Converts an error of a job: the store or the database may be available again later, but an invalid image stays invalid.
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
