//! Storing pictures, making their sizes, removing them.

mod claim;
mod intake;
mod many;
mod remove;
mod sizes;

pub use intake::{Stored, random_key, store};
pub use many::store_many;
pub use remove::{delete, forget};
pub use sizes::{Size, make_sizes, remove_sizes, size_key};

use crate::error::Error;
use crate::retry::Failure;

/// What a task of the outbox makes of an error: the store or the database may be there again later, but a picture that is
/// none stays none.
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
