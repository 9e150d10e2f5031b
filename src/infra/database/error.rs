//! Classifies database errors.

use std::borrow::Cow;

use sea_orm::error::ConnAcquireErr;
use sea_orm::sqlx::Error as SqlxError;
use sea_orm::sqlx::sqlite::SqliteError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::availability::UNAVAILABLE;
use super::begin::CONNECTIONS_IN_USE;
use super::currency;
use super::outcome::NOT_COMMITTED;
use super::read_only::ReadOnly;
use crate::core::error::Error;

/// A database error.
pub use sea_orm::DbErr as DbError;

/// Whether an error is the violation of this unique constraint. PostgreSQL reports the constraint's name, SQLite its
/// columns, such as `users.email_key`.
pub fn violates_unique_constraint(error: &DbErr, rule: &str, columns: &str) -> bool {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(detail)) => {
            detail.contains(&format!("\"{rule}\"")) || detail.ends_with(columns)
        }
        _ => false,
    }
}

/// Whether an error is the violation of a foreign key.
pub fn is_foreign_key_violation(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    )
}

/// Whether an error is the violation of a unique constraint or a foreign key.
pub fn is_constraint_violation(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_))
    )
}

/// Whether a concurrent transaction changed the same rows, so that retrying at once may succeed.
pub fn is_conflict(error: &Error) -> bool {
    match error {
        Error::SerializationFailure(_) => true,
        Error::Internal(_) => error
            .cause()
            .and_then(|cause| cause.downcast_ref())
            .is_some_and(is_constraint_violation),
        _ => false,
    }
}

/// Whether an error is a deadlock or a serialization failure of PostgreSQL: the transaction can be retried.
pub fn is_serialization_failure(error: &DbErr) -> bool {
    has_code(error, &["40P01", "40001"])
}

/// Whether an error is a lock or statement timeout: PostgreSQL's `lock_not_available` and `query_canceled`, or one of
/// SQLite's `SQLITE_BUSY`.
pub fn is_busy(error: &DbErr) -> bool {
    has_code(error, &["55P03", "57014"]) || sqlite_code(error) == Some(SQLITE_BUSY)
}

/// Whether PostgreSQL canceled a statement because it exceeded its time limit (`query_canceled`).
pub fn is_statement_timeout(error: &DbErr) -> bool {
    has_code(error, &["57014"])
}

/// Error codes of PostgreSQL after a failover: `read_only_sql_transaction`, `admin_shutdown`, `crash_shutdown`,
/// `cannot_connect_now`.
const FAILOVER_CODES: [&str; 4] = ["25006", "57P01", "57P02", "57P03"];
/// Error codes of PostgreSQL when it is not available: `too_many_connections`, `out_of_memory`, `disk_full`,
/// `configuration_limit_exceeded`, `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`, `database_dropped`,
/// `idle_session_timeout`, `idle_in_transaction_session_timeout`, `io_error`, and `read_only_sql_transaction`, as
/// after a failover. Class 08 contains the connection errors.
const UNAVAILABLE_CODES: [&str; 12] = [
    "53300", "53200", "53100", "53400", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03",
    "58030", "25006",
];
/// The same of SQLite, in the lower byte of its codes: `SQLITE_NOMEM`, `SQLITE_IOERR`, `SQLITE_FULL`,
/// `SQLITE_CANTOPEN`.
const UNAVAILABLE_SQLITE_CODES: [i32; 4] = [7, 10, 13, 14];
/// The lower byte of all `SQLITE_BUSY` codes.
const SQLITE_BUSY: i32 = 5;

/// Whether the database can't be reached, closed the connection, can't write for lack of space, or stores prices in
/// another currency than this process. All of these are temporary.
pub fn is_unavailable(error: &DbErr) -> bool {
    is_connection_failure(error)
        || currency::is_mismatch(error)
        || matches!(error, DbErr::ConnectionAcquire(_))
        || has_code(error, &UNAVAILABLE_CODES)
        || sqlite_code(error).is_some_and(|code| UNAVAILABLE_SQLITE_CODES.contains(&code))
}

/// Whether a connection to PostgreSQL was lost, or is to a server that does not accept writes.
pub fn is_connection_failure(error: &DbErr) -> bool {
    let connection_failed = matches!(
        sqlx_error(error),
        Some(
            SqlxError::Io(_)
                | SqlxError::Tls(_)
                | SqlxError::Protocol(_)
                | SqlxError::PoolTimedOut
                | SqlxError::PoolClosed
                | SqlxError::WorkerCrashed
        )
    );
    connection_failed
        || has_code(error, &FAILOVER_CODES)
        || has_class(error, "08")
        || is_primary_unavailable(error)
}

/// Whether the primary does not respond, did not during a commit, completes no transactions, or is not the primary.
fn is_primary_unavailable(error: &DbErr) -> bool {
    let DbErr::Custom(message) = error else {
        return false;
    };
    let messages = [
        ReadOnly::MESSAGE,
        UNAVAILABLE,
        NOT_COMMITTED,
        CONNECTIONS_IN_USE,
    ];
    messages.contains(&message.as_str())
}

/// Whether a request failed because the connection to PostgreSQL was lost, so that it may be executed again unless it
/// has committed.
pub fn is_unreachable(error: &Error) -> bool {
    let Error::Database(_) = error else {
        return false;
    };
    let cause = error.cause().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(is_connection_failure)
}

/// Whether an error is that of [`pooler`](super::pooler)'s check that the server accepts writes.
pub fn is_division_by_zero(error: &DbErr) -> bool {
    has_code(error, &["22012"])
}

fn has_code(error: &DbErr, codes: &[&str]) -> bool {
    code(error).is_some_and(|code| codes.contains(&code.as_ref()))
}

/// PostgreSQL's codes have five characters, of which the first two are the class.
fn has_class(error: &DbErr, class: &str) -> bool {
    code(error).is_some_and(|code| code.len() == 5 && code.starts_with(class))
}

/// Returns the lower byte of SQLite's code; the upper bytes only add details.
fn sqlite_code(error: &DbErr) -> Option<i32> {
    let detail = sqlx_error(error)?.as_database_error()?;
    detail.try_downcast_ref::<SqliteError>()?;
    let code: i32 = detail.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    sqlx_error(error)?.as_database_error()?.code()
}

fn sqlx_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        // All connections are busy, or the database can't be reached: both are temporary.
        if let DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) = error {
            tracing::warn!("timed out waiting for a free database connection");
            return Self::Unavailable;
        }
        if is_busy(&error) {
            tracing::warn!("database lock or statement timed out");
            return Self::Unavailable;
        }
        if is_unavailable(&error) {
            return Self::database(error);
        }
        if is_serialization_failure(&error) {
            return Self::serialization_failure(error);
        }
        Self::internal(error)
    }
}
