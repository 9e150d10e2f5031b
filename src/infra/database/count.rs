//! Counting what a query leaves, as far as a list tells it: [`MAX_TOTAL`] rows cost what a million cost.

use sea_orm::sea_query::{Asterisk, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::core::pagination::{MAX_TOTAL, Total};

const COUNTED: &str = "counted";

/// A query that counts the rows of this one, and stops at the first that no [`Total`] tells. [`read`] understands what it
/// finds.
pub fn bounded(mut query: SelectStatement) -> SelectStatement {
    query
        .clear_selects()
        .expr(Expr::val(1))
        .limit(MAX_TOTAL.unsigned_abs() + 1);
    Query::select()
        .expr_as(Func::count(Expr::col(Asterisk)), COUNTED)
        .from_subquery(query, "rows_to_count")
        .take()
}

/// What a [`bounded`] query has found.
pub fn read(row: &QueryResult) -> Result<Total, DbErr> {
    Ok(Total::of(row.try_get("", COUNTED)?))
}

/// How many rows this query leaves.
pub async fn total(db: &impl ConnectionTrait, query: SelectStatement) -> Result<Total, DbErr> {
    let found = db.query_one(&bounded(query)).await?;
    found.map_or_else(|| Ok(Total::default()), |row| read(&row))
}
