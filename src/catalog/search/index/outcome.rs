//! The best match that an index has for a search: whether some row matches all terms, else how many.

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};

use super::expression::required_terms;
use super::page::Matches;
use super::tiers::{Level, Scope};
use super::{FOUND, Fields, Index, POSITION_BITS, SEQ, SEQ_BITS};
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
/// The number of matches of which one is usually visible.
const FIRST_HITS: i64 = 50;
/// The maximum number of matches of which one must be visible.
const MAX_HITS: i64 = 2_000;

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
        if backend == DbBackend::Postgres {
            return self.find_best_by_rank(db, searches, visible).await;
        }
        let mut cases = Expr::case(Expr::val(1).eq(0), Expr::val(-1));
        for (search, number) in searches.iter().zip(0_i32..) {
            for (level, code) in Self::levels(search) {
                let exists = Expr::exists(self.visible_hits(search, level, visible));
                cases = cases.case(exists, Expr::val(number * 2 + code));
            }
        }
        let query = Query::select()
            .expr_as(cases.finally(Expr::val(-1)), FOUND)
            .take();
        let row = db.query_one(&query).await?;
        let found: i32 = row.map_or(Ok(-1), |row| row.try_get("", FOUND))?;
        Ok(number_and_code(found.into()))
    }

    /// Like [`find_best`](Self::find_best), on PostgreSQL.
    async fn find_best_by_rank(
        &self,
        db: &impl ConnectionTrait,
        searches: &[&Search],
        visible: &SelectStatement,
    ) -> Result<Option<(usize, bool)>, DbErr> {
        let (mut levels, mut starts) = (Vec::new(), Vec::new());
        for (search, number) in searches.iter().zip(0_i64..) {
            for (level, code) in Self::levels(search) {
                levels.push((*search, level));
                starts.push((number * 2 + i64::from(code)) << POSITION_BITS);
            }
        }
        let matches = Matches::of_levels(levels, starts);
        let best = |wanted| {
            let mut best = self.visible_matches(&matches, visible, wanted);
            Expr::from(best.limit(1).take())
        };
        let found = Func::coalesce([best(FIRST_HITS), best(MAX_HITS), Expr::val(-1_i64)]);
        let query = Query::select().expr_as(found, FOUND).take();
        let row = db.query_one(&query).await?;
        let rank: i64 = row.map_or(Ok(-1), |row| row.try_get("", FOUND))?;
        Ok(number_and_code(rank >> POSITION_BITS))
    }

    /// Returns the level without corrections, with the code 0, and that with corrections if there are any.
    fn levels(search: &Search) -> impl Iterator<Item = (Level, i32)> {
        let loosest = Self::loosest(search, Fields::All);
        let direct = Self::direct_level(search, Fields::All);
        let levels = [direct.or(Some(loosest)), direct.map(|_| loosest)];
        levels.into_iter().flatten().zip(0..)
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
            let exists = if backend == DbBackend::Postgres {
                let matches = Matches::of_levels(vec![(&only, level)], vec![0]);
                let any = |wanted| Expr::exists(self.visible_matches(&matches, visible, wanted));
                any(FIRST_HITS).or(any(MAX_HITS))
            } else {
                Expr::exists(self.visible_hits(&only, level, visible))
            };
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

    /// Builds a subquery of the visible rows among up to 2,000 rows of a level, in FTS5.
    fn visible_hits(
        &self,
        search: &Search,
        level: Level,
        visible: &SelectStatement,
    ) -> SelectStatement {
        debug_assert_eq!(level.scope, Scope::Everything);
        let backend = DbBackend::Sqlite;
        let mut hits = Query::select();
        let seq = format!("rowid & {}", (1_i64 << SEQ_BITS) - 1);
        hits.expr_as(Expr::cust(seq), SEQ).from(self.words);
        self.limit_to_active(&mut hits, backend, (None, None));
        hits.and_where(self.level_condition(backend, search, level))
            .limit(MAX_HITS.unsigned_abs());
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

/// Returns the index of a search and whether it matches with corrections only. `None` for a negative number.
fn number_and_code(found: i64) -> Option<(usize, bool)> {
    let index = usize::try_from(found).ok()? / 2;
    Some((index, found % 2 == 1))
}
