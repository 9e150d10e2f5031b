//! Which rows of the table an index contains.

use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::{GENERATION, Index};

impl Index {
    /// Whether every row of the table is indexed in this generation. Comparing counts suffices: index rows are deleted
    /// with their owners.
    pub async fn is_complete(
        &self,
        db: &impl ConnectionTrait,
        generation: i32,
    ) -> Result<bool, DbErr> {
        let count = || Func::count(Expr::col(Asterisk));
        let all = Query::select().expr(count()).from(self.table).take();
        let indexed = Query::select()
            .expr(count())
            .from(self.rows)
            .and_where(Expr::col(GENERATION).gte(generation))
            .take();
        let query = Query::select()
            .expr_as(Expr::from(all).eq(Expr::from(indexed)), "is_complete")
            .take();
        let row = db.query_one(&query).await?;
        row.map_or(Ok(false), |row| row.try_get("", "is_complete"))
    }

    /// Condition for rows of the table that are not indexed in this generation.
    pub fn is_missing(&self, generation: i32) -> Expr {
        let row = Query::select()
            .expr(Expr::val(1))
            .from(self.rows)
            .and_where(Expr::col((self.rows, self.owner)).equals((self.table, "id")))
            .and_where(Expr::col((self.rows, GENERATION)).gte(generation))
            .take();
        Expr::exists(row).not()
    }
}
