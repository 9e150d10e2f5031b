//! What a database answers when it can't or won't, and what that means.

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// What a database answers when it can't or won't.
pub use sea_orm::DbErr as Fault;

/// Whether an error is the breach of a rule that something be unique. PostgreSQL tells the name of the rule, SQLite its
/// columns, such as `users.email_key`.
pub fn violates(error: &DbErr, rule: &str, columns: &str) -> bool {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(told)) => {
            told.contains(&format!("\"{rule}\"")) || told.ends_with(columns)
        }
        _ => false,
    }
}

/// Whether an error is that a row names another that is not there.
pub fn lacks_other(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    )
}

/// Whether an error is the breach of a rule between rows: that something be unique, or that another row be there.
pub fn is_collision(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_))
    )
}

/// Whether PostgreSQL gave up one of several that waited for each other, or saw another order of things: what was tried
/// may work when it is tried again.
pub fn was_overtaken(error: &DbErr) -> bool {
    has_code(error, &["40P01", "40001"])
}

/// Whether a lock was not to be had in time: PostgreSQL's `lock_not_available`, or one of SQLite's `SQLITE_BUSY`.
pub fn is_busy(error: &DbErr) -> bool {
    has_code(error, &["55P03", "5", "261", "517"])
}

fn has_code(error: &DbErr, codes: &[&str]) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| codes.contains(&code.as_ref()))
}
