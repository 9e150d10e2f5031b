//! Bounded counts of the matches of many searches.

use sea_orm::sea_query::{Asterisk, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::page::Matches;
use super::{Fields, Index};
use crate::catalog::search::Search;
use crate::infra::database::union::{numbered_union, query_index};

const COUNTED: &str = "counted";

impl Index {
    /// Counts the rows that match each search among those that `visible` selects, up to `limit`, in one statement.
    pub async fn count_matches(
        &self,
        db: &impl ConnectionTrait,
        searches: &[Search],
        visible: &SelectStatement,
        limit: u64,
    ) -> Result<Vec<i64>, DbErr> {
        let backend = db.get_database_backend();
        let count = |search: &Search| {
            let mut rows = if backend == DbBackend::Postgres {
                let level = Self::loosest(search, Fields::All);
                let matches = Matches::of_levels(vec![(search, level)], vec![0]);
                let wanted = i64::try_from(limit).unwrap_or(i64::MAX);
                self.visible_matches(&matches, visible, wanted)
            } else {
                let mut rows = self.restrict_to_matches(backend, search, visible.clone());
                rows.clear_selects().expr(Expr::val(1));
                rows
            };
            rows.limit(limit);
            Query::select()
                .expr_as(Func::count(Expr::col(Asterisk)), COUNTED)
                .from_subquery(rows, "rows_to_count")
                .take()
        };
        let mut found = vec![0; searches.len()];
        let Some(query) = numbered_union(searches.iter().map(count)) else {
            return Ok(found);
        };
        for row in db.query_all(&query).await? {
            if let Some(count) = found.get_mut(query_index(&row)?) {
                *count = row.try_get("", COUNTED)?;
            }
        }
        Ok(found)
    }
}
