//! The best match that an index has for a search: whether some row matches all terms, else how many.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};

use super::expression::{MatchKind, required_terms};
use super::hits::MAX_HITS;
use super::tiers::{Level, Scope, has_short_word};
use super::{Fields, Index, SEQ, SEQ_BITS};
use crate::catalog::search::{Required, Search, Term};

/// The best match of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// `All` if a row matches all terms that are not stop words, else the largest number of terms that a row matches.
    /// `AtLeast(0)` if no row matches any.
    pub required: Required,
    /// The indexes of the terms that match no row, not even as a correction. Empty if a row matches all terms.
    pub unmatched: Vec<usize>,
    /// Whether rows match only with corrections.
    pub needs_corrections: bool,
}

/// The name of the rows of the index in the subqueries.
const HITS: &str = "hits";
const FOUND: &str = "found";

impl Index {
    /// Returns the best match of a search among the rows of the table that `visible` selects. Runs one statement if a
    /// row matches all terms, else up to three.
    ///
    /// Each statement reads at most 2,000 matches of an expression: if that many exist and are all invisible, the
    /// search counts as matching nothing.
    pub async fn best_required(
        &self,
        db: &impl ConnectionTrait,
        search: &Search,
        visible: &SelectStatement,
    ) -> Result<Outcome, DbErr> {
        let all = Search {
            required: Required::All,
            ..search.clone()
        };
        if all.terms.is_empty() {
            return Ok(Outcome::default());
        }
        let found = self.find_best(db, &[&all], visible).await?;
        if let Some((_, needs_corrections)) = found {
            return Ok(Outcome {
                needs_corrections,
                ..Outcome::default()
            });
        }
        let unmatched = self.unmatched(db, search, visible).await?;
        let is_matched = |index: &usize| !unmatched.contains(index);
        let indexes = (0..search.terms.len()).filter(is_matched);
        let terms: Vec<Term> = indexes.map(|index| search.terms[index].clone()).collect();
        let partly = |count| Search {
            exact: None,
            terms: terms.clone(),
            required: Required::AtLeast(count),
            hits: None,
        };
        let matched = required_terms(&partly(1)).len();
        let max = matched.min(required_terms(&all).len().saturating_sub(1));
        let partial: Vec<_> = (1..=max).rev().map(partly).collect();
        let found = if partial.is_empty() {
            None
        } else {
            let partial: Vec<_> = partial.iter().collect();
            self.find_best(db, &partial, visible).await?
        };
        let (count, needs_corrections) =
            found.map_or((0, false), |(index, needs)| (max - index, needs));
        Ok(Outcome {
            required: Required::AtLeast(count),
            unmatched,
            needs_corrections,
        })
    }

    /// Returns the index of the first of these searches that matches a visible row, and whether only with corrections.
    async fn find_best(
        &self,
        db: &impl ConnectionTrait,
        searches: &[&Search],
        visible: &SelectStatement,
    ) -> Result<Option<(usize, bool)>, DbErr> {
        let backend = db.get_database_backend();
        let mut cases = Expr::case(Expr::val(1).eq(0), Expr::val(-1));
        for (search, number) in searches.iter().zip(0_i32..) {
            let loosest = Self::loosest(search, Fields::All);
            let direct = Level {
                kind: loosest.kind.min(MatchKind::Start),
                ..loosest
            };
            let levels = [Some(direct), Some(loosest).filter(|level| *level != direct)];
            for (level, code) in levels.into_iter().flatten().zip(0..) {
                let hits = self.some_hits(backend, search, level, MAX_HITS);
                let mut exists = Expr::exists(self.visible_hits(backend, hits, visible));
                if backend == DbBackend::Postgres && has_short_word(search) {
                    // The first rows of the index, if rows match often: all others are not read from the GIN index.
                    let hits = self.sampled_hits(search, level);
                    exists = Expr::exists(self.visible_hits(backend, hits, visible)).or(exists);
                }
                cases = cases.case(exists, Expr::val(number * 2 + code));
            }
        }
        let query = Query::select()
            .expr_as(cases.finally(Expr::val(-1)), FOUND)
            .take();
        let row = db.query_one(&query).await?;
        let found: i32 = row.map_or(Ok(-1), |row| row.try_get("", FOUND))?;
        let index = usize::try_from(found / 2).ok().filter(|_| found >= 0);
        Ok(index.map(|index| (index, found % 2 == 1)))
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
            let level = Self::loosest(&only, Fields::All);
            let hits = self.some_hits(backend, &only, level, MAX_HITS);
            let hits = self.visible_hits(backend, hits, visible);
            query.expr_as(Expr::exists(hits), format!("term_{index}"));
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

    /// Builds a subquery of the visible rows among these rows of the index.
    fn visible_hits(
        &self,
        backend: DbBackend,
        hits: SelectStatement,
        visible: &SelectStatement,
    ) -> SelectStatement {
        let mut query = visible.clone();
        query
            .clear_selects()
            .expr(Expr::val(1))
            .from_clear()
            .from_subquery(hits, HITS);
        let is_owner = |table| Expr::col((self.table, "id")).equals((table, self.owner));
        if backend == DbBackend::Postgres {
            query.inner_join(self.table, is_owner(HITS));
        } else {
            query
                .cross_join(self.rows)
                .and_where(Expr::col((self.rows, SEQ)).equals((HITS, SEQ)))
                .cross_join(self.table)
                .and_where(is_owner(self.rows));
        }
        query.limit(1).take()
    }

    /// Builds a subquery of up to `limit` rows of a level.
    fn some_hits(
        &self,
        backend: DbBackend,
        search: &Search,
        level: Level,
        limit: i64,
    ) -> SelectStatement {
        debug_assert_eq!(level.scope, Scope::Everything);
        let mut query = Query::select();
        if backend == DbBackend::Postgres {
            query.column(self.owner);
            self.read_hits(&mut query, search, level, limit);
        } else {
            let seq = format!("rowid & {}", (1_i64 << SEQ_BITS) - 1);
            query.expr_as(Expr::cust(seq), SEQ).from(self.words);
            self.limit_to_active(&mut query, backend, (None, None));
            query
                .and_where(self.level_condition(backend, search, level))
                .limit(limit.unsigned_abs());
        }
        query
    }
}
