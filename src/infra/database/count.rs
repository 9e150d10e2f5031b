//! Bounded counts: counting stops above [`MAX_TOTAL`] rows, so that a large result costs no more than that.

use sea_orm::sea_query::{Asterisk, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::core::pagination::{MAX_TOTAL, Total};

const COUNTED: &str = "counted";

/// Returns a query that counts the rows of `query` up to one more than [`MAX_TOTAL`]. Its row is parsed by [`read`].
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

/// Parses the row of a [`bounded`] query.
pub fn read(row: &QueryResult) -> Result<Total, DbErr> {
    Ok(Total::of(row.try_get("", COUNTED)?))
}

/// Returns the number of rows of a query.
pub async fn total(db: &impl ConnectionTrait, query: SelectStatement) -> Result<Total, DbErr> {
    let found = db.query_one(&bounded(query)).await?;
    found.map_or_else(|| Ok(Total::default()), |row| read(&row))
}
