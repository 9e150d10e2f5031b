//! Parameters of statements that are written as text.

use sea_orm::DbBackend;

/// Returns the parameter with this number, counted from 1. Each statement has them in the order of their numbers.
///
/// SQLite takes `$1` for a name, which is searched for among all names of the statement: with 10,000 of them that takes longer
/// than anything else.
pub fn parameter(backend: DbBackend, number: usize) -> String {
    match backend {
        DbBackend::Postgres => format!("${number}"),
        _ => "?".to_owned(),
    }
}
