//! Many queries in one statement.

use sea_orm::sea_query::{Asterisk, Expr, Query, SelectStatement, UnionType};
use sea_orm::{DbErr, QueryResult};

/// The column that tells which of the united queries a row is from.
const NUMBER: &str = "number";

/// Which of the united queries a row is from.
pub fn number(row: &QueryResult) -> Result<usize, DbErr> {
    let number: i32 = row.try_get("", NUMBER)?;
    usize::try_from(number).map_err(|_| DbErr::Type("a query has a negative number".to_owned()))
}

/// All rows of all queries in one statement, each with the number of its query. The rows of one query come in its order:
/// neither database mixes the rows of a query that it reads as a whole.
pub fn numbered_union(queries: impl Iterator<Item = SelectStatement>) -> Option<SelectStatement> {
    let numbered = queries.zip(0_i32..).map(|(query, number)| {
        Query::select()
            .expr_as(Expr::val(number), NUMBER)
            .column(("page", Asterisk))
            .from_subquery(query, "page")
            .take()
    });
    numbered.reduce(|mut all, next| all.union(UnionType::All, next).take())
}
