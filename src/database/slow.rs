//! Statements that take long, for the log.

use std::time::Duration;

use sea_orm::Statement;

/// How many characters of a statement are told: the first ones say which it is, and one may have a thousand rows.
const TOLD: usize = 500;

/// Tells of a statement that took longer than that, without the values in it.
pub fn note(statement: &Statement, took: Duration, longest: Duration) {
    if took <= longest {
        return;
    }
    let end = statement.sql.char_indices().nth(TOLD);
    let told = end.map_or(statement.sql.as_str(), |(end, _)| &statement.sql[..end]);
    let duration_ms = took.as_secs_f64() * 1_000.0;
    tracing::warn!(duration_ms, statement = told, "a slow statement");
}
