//! Combines several queries in one statement.

use sea_orm::sea_query::{Asterisk, Expr, Query, SelectExpr, SelectStatement, UnionType};
use sea_orm::{DbErr, QueryResult};

/// The column with the index of the query.
pub const NUMBER: &str = "number";

/// Returns the index of the query that a row belongs to.
pub fn query_index(row: &QueryResult) -> Result<usize, DbErr> {
    to_index(row.try_get("", NUMBER)?)
}

/// Converts the value of [`NUMBER`].
pub fn to_index(number: i32) -> Result<usize, DbErr> {
    usize::try_from(number).map_err(|_| DbErr::Type("a query has a negative number".to_owned()))
}

/// Builds a `UNION ALL` of the queries, with the index of the query in each row. Rows of a query keep its order:
/// neither database interleaves or reorders subqueries with a limit.
pub fn numbered_union(queries: impl Iterator<Item = SelectStatement>) -> Option<SelectStatement> {
    numbered_union_with(queries, &[])
}

/// Like [`numbered_union`], with additional expressions over the columns of `page`.
pub fn numbered_union_with(
    queries: impl Iterator<Item = SelectStatement>,
    expressions: &[SelectExpr],
) -> Option<SelectStatement> {
    let numbered = queries.zip(0_i32..).map(|(query, query_index)| {
        Query::select()
            .expr_as(Expr::val(query_index), NUMBER)
            .column(("page", Asterisk))
            .exprs(expressions.iter().cloned())
            .from_subquery(query, "page")
            .take()
    });
    numbered.reduce(|mut all, next| all.union(UnionType::All, next).take())
}
