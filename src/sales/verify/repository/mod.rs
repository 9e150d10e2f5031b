//! The statements of the checks.

mod orders;
mod payments;
mod stock;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

/// A check. Its query selects, for each row, the `id`, the stored number as `found`, and the calculated one as `expected`.
/// Queries aggregate in the database, so that the memory of this process does not depend on the number of rows.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The checked column, or the rule.
    pub name: &'static str,
    /// The prefix of the ids.
    pub prefix: &'static str,
    query: &'static str,
}

/// All checks.
pub const CHECKS: [&[Check]; 3] = [&stock::CHECKS, &orders::CHECKS, &payments::CHECKS];

/// A row whose stored number differs.
#[derive(Debug, FromQueryResult)]
pub struct Row {
    pub id: Option<Uuid>,
    pub found: i64,
    pub expected: i64,
}

/// Returns at most `max` rows that differ.
pub async fn differences(
    db: &impl ConnectionTrait,
    check: &Check,
    max: usize,
) -> Result<Vec<Row>, DbErr> {
    // The sums of PostgreSQL have other types than their summands.
    let sql = format!(
        "SELECT id, CAST(found AS BIGINT) AS found, CAST(expected AS BIGINT) AS expected
         FROM ({}) AS compared WHERE found <> expected ORDER BY id LIMIT {max}",
        check.query
    );
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| Row::from_query_result(row, ""))
        .collect()
}
