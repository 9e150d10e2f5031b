//! Conditions under which there is work to do, evaluated in one statement.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

use super::Reader;

/// A condition of the database under which there is work to do.
#[derive(Clone, Debug)]
pub struct DueCondition(Expr);

impl DueCondition {
    /// The condition that a query finds rows.
    pub fn exists(query: SelectStatement) -> Self {
        Self(Expr::exists(query))
    }

    /// The condition that one of two conditions is true.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    /// Returns whether each of these conditions is true.
    pub async fn evaluate(conditions: Vec<Self>, db: &Reader) -> Result<Vec<bool>, DbErr> {
        let column = |index: usize| format!("due_{index}");
        let count = conditions.len();
        let mut query = Query::select();
        for (index, condition) in conditions.into_iter().enumerate() {
            query.expr_as(condition.0, column(index));
        }
        let row = db.query_one(&query).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("due".to_owned()))?;
        (0..count)
            .map(|index| row.try_get("", &column(index)))
            .collect()
    }
}
