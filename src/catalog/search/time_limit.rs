//! Time limit of searches on PostgreSQL: anonymous clients choose the words, and some combinations read most of a large
//! index. SQLite has no such limit.

use std::time::Duration;

use crate::core::error::Error;
use crate::core::viewer::Audience;
use crate::infra::database::{Database, DbError, Reader, is_statement_timeout};

/// The maximum duration of a statement that searches for clients that are not admins.
const MAX_DURATION: Duration = Duration::from_secs(1);

/// Returns the handle for the searches of an audience.
pub fn reader(db: &Database, audience: Audience) -> Reader {
    match audience {
        Audience::Public => db.reader().with_statement_timeout(MAX_DURATION),
        Audience::Staff => db.reader().clone(),
    }
}

/// Converts the error of a statement of [`reader`].
pub fn error(audience: Audience, error: DbError) -> Error {
    if audience == Audience::Public && is_statement_timeout(&error) {
        tracing::warn!("search timed out");
        return Error::SearchTimedOut;
    }
    error.into()
}
