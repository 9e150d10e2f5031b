//! Whether some row of an index matches all terms of a search, else which terms match nothing, and how many the best rows match.

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};

use super::expression::required_terms;
use super::page::Matches;
use super::tiers::Level;
use super::{FOUND, Fields, Index, POSITION_BITS, SEQ, SEQ_BITS};
use crate::catalog::search::{Required, Search, Term};

/// The name of the rows of the index in the subqueries.
const HITS: &str = "hits";
/// The maximum number of matches of which one must be visible, in FTS5.
const MAX_HITS: u64 = 2_000;

impl Index {
    /// Returns the indexes of the terms that match none of the rows of the table that `visible` selects, not even as a
    /// correction. `None` if a row matches all terms, which costs one statement instead of two.
    ///
    /// Each statement reads at most 2,000 matches of an expression: if that many exist and are all invisible, it counts as
    /// matching nothing.
    pub async fn unmatched_terms(
        &self,
        db: &impl ConnectionTrait,
        search: &Search,
        visible: &SelectStatement,
    ) -> Result<Option<Vec<usize>>, DbErr> {
        let all = Search {
            required: Required::All,
            ..search.clone()
        };
        if all.terms.is_empty() || self.find_best(db, &[all], visible).await?.is_some() {
            return Ok(None);
        }
        self.unmatched(db, search, visible).await.map(Some)
    }

    /// Returns the largest number of terms that a row matches, if none matches all: `unmatched` are the indexes of those that
    /// match nothing. Stop words do not count. Limited like [`unmatched_terms`](Self::unmatched_terms).
    pub async fn best_count(
        &self,
        db: &impl ConnectionTrait,
        search: &Search,
        unmatched: &[usize],
        visible: &SelectStatement,
    ) -> Result<usize, DbErr> {
        let terms = search.terms.iter().enumerate();
        let matched = terms.filter(|(index, _)| !unmatched.contains(index));
        let terms: Vec<Term> = matched.map(|(_, term)| term.clone()).collect();
        let partly = |count| Search {
            exact: None,
            terms: terms.clone(),
            required: Required::AtLeast(count),
            hits: None,
        };
        let all = Search {
            required: Required::All,
            ..search.clone()
        };
        let matched = required_terms(&partly(1)).len();
        let max = matched.min(required_terms(&all).len().saturating_sub(1));
        let partial: Vec<_> = (1..=max).rev().map(partly).collect();
        if partial.is_empty() {
            return Ok(0);
        }
        let found = self.find_best(db, &partial, visible).await?;
        Ok(found.map_or(0, |index| max - index))
    }

    /// Returns the index of the first of these searches that matches a visible row.
    async fn find_best(
        &self,
        db: &impl ConnectionTrait,
        searches: &[Search],
        visible: &SelectStatement,
    ) -> Result<Option<usize>, DbErr> {
        let found = if db.get_database_backend() == DbBackend::Postgres {
            let levels = searches.iter().map(|search| (search, loosest(search)));
            let starts = (0..).map(|number: i64| number << POSITION_BITS);
            let starts = starts.take(searches.len()).collect();
            let matches = Matches::of_levels(levels.collect(), starts);
            let best = Expr::from(self.first_visible(&matches, visible));
            Func::coalesce([best, Expr::val(-1_i64)]).into()
        } else {
            let mut cases = Expr::case(Expr::val(1).eq(0), Expr::val(-1_i64));
            for (search, number) in searches.iter().zip(0_i64..) {
                let exists = Expr::exists(self.visible_hits(search, visible));
                cases = cases.case(exists, Expr::val(number << POSITION_BITS));
            }
            Expr::expr(cases.finally(Expr::val(-1_i64)))
        };
        let query = Query::select().expr_as(found, FOUND).take();
        let row = db.query_one(&query).await?;
        let rank: i64 = row.map_or(Ok(-1), |row| row.try_get("", FOUND))?;
        Ok(usize::try_from(rank >> POSITION_BITS).ok())
    }

    /// Returns the indexes of the terms that match no visible row.
    async fn unmatched(
        &self,
        db: &impl ConnectionTrait,
        search: &Search,
        visible: &SelectStatement,
    ) -> Result<Vec<usize>, DbErr> {
        let backend = db.get_database_backend();
        let mut query = Query::select();
        for (index, term) in search.terms.iter().enumerate() {
            let only = Search {
                terms: vec![term.clone()],
                ..Search::default()
            };
            let hits = if backend == DbBackend::Postgres {
                let matches = Matches::of_levels(vec![(&only, loosest(&only))], vec![0]);
                self.first_visible(&matches, visible)
            } else {
                self.visible_hits(&only, visible)
            };
            let exists = Expr::exists(hits);
            query.expr_as(exists, format!("term_{index}"));
        }
        let row = db.query_one(&query).await?;
        let is_matched = |row: &QueryResult, index| row.try_get("", &format!("term_{index}"));
        let mut unmatched = Vec::new();
        if let Some(row) = row {
            for index in 0..search.terms.len() {
                if !is_matched(&row, index)? {
                    unmatched.push(index);
                }
            }
        }
        Ok(unmatched)
    }

    /// Builds a subquery of a visible row among up to 2,000 matches, in FTS5.
    fn visible_hits(&self, search: &Search, visible: &SelectStatement) -> SelectStatement {
        let backend = DbBackend::Sqlite;
        let mut hits = Query::select();
        let seq = format!("rowid & {}", (1_i64 << SEQ_BITS) - 1);
        hits.expr_as(Expr::cust(seq), SEQ).from(self.words);
        self.limit_to_active(&mut hits, backend, (None, None));
        hits.and_where(self.level_condition(backend, search, loosest(search)))
            .limit(MAX_HITS);
        let mut query = visible.clone();
        query
            .clear_selects()
            .expr(Expr::val(1))
            .from_clear()
            .from_subquery(hits, HITS)
            .cross_join(self.rows)
            .and_where(Expr::col((self.rows, SEQ)).equals((HITS, SEQ)))
            .cross_join(self.table)
            .and_where(Expr::col((self.table, "id")).equals((self.rows, self.owner)));
        query.limit(1).take()
    }
}

fn loosest(search: &Search) -> Level {
    Index::loosest(search, Fields::All)
}
