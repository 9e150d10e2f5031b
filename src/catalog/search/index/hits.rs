//! The matches of the best tiers of a search on PostgreSQL, if they are few: read from the GIN index and sorted.
//!
//! ```text
//! sample       the first rows of the index: if many of them match, the GIN index is not read
//! hits         up to MAX_HITS + 1 rows of all tiers
//! top_tiers    if they are more: the rows of the first tiers, up to the first with more than MAX_HITS rows
//! ranked_hits  the rows of either with their ranks
//! ```

use std::fmt::Write;

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    Asterisk, CommonTableExpression, Expr, ExprTrait, Func, Order, Query, SelectStatement,
    UnionType, WithClause,
};

use super::tiers::{Level, Scope, Tier, has_short_word, ts_query, vector_condition};
use super::{Fields, Index, POSITION, RANK, Window};
use crate::catalog::search::Search;

/// The maximum number of matches that are sorted. If there are more, they are frequent enough to be found by reading
/// the index in its order.
pub const MAX_HITS: i64 = 2_000;

/// The number of rows of the sample.
const SAMPLE_SIZE: u64 = 300;
/// The number of matches in the sample from which a search is frequent.
const FREQUENT: u64 = 6;
/// The same for a search with a short word: the GIN index has many words that begin with it, each in many rows, so that
/// reading a hundred rows for one match is faster.
const FREQUENT_WITH_SHORT_WORD: u64 = 2;

const SAMPLE: &str = "sample";
const HITS: &str = "hits";
const TOP_TIERS: &str = "top_tiers";
const RANKED_HITS: &str = "ranked_hits";

/// Condition that is evaluated once for the statement: many rows of the sample match.
fn is_frequent(search: &Search, level: Level) -> String {
    let min = if has_short_word(search) {
        FREQUENT_WITH_SHORT_WORD
    } else {
        FREQUENT
    };
    let (column, query) = (level.scope.column(), ts_query(search, level.kind));
    format!("(SELECT count(*) FROM {SAMPLE} WHERE {column} @@ {query}) >= {min}")
}

/// Condition that is evaluated once for the statement: whether the rows of a level are frequent.
pub(super) fn frequency(search: &Search, level: Level, expected: bool) -> Expr {
    let is_frequent = is_frequent(search, level);
    Expr::cust(if expected {
        format!("({is_frequent})")
    } else {
        format!("NOT ({is_frequent})")
    })
}

/// Condition that is evaluated once for the statement: there are at most [`MAX_HITS`] matches.
fn are_few(is_frequent: &str) -> Expr {
    Expr::cust(format!(
        "(NOT {is_frequent} AND (SELECT count(*) FROM {HITS}) <= {MAX_HITS})"
    ))
}

/// Condition that is evaluated once for the statement: the tier with this number, from 1, is not in `ranked_hits`.
pub(super) fn is_not_ranked(tier: usize) -> Expr {
    Expr::cust(format!(
        "(SELECT min(first_big) FROM {TOP_TIERS}) <= {tier}"
    ))
}

impl Index {
    /// Returns the CTEs that [`is_not_ranked`] and [`few_hits`](Self::few_hits) refer to.
    pub(super) fn hits(&self, search: &Search, fields: Fields, tiers: &[Tier]) -> WithClause {
        let mut hits = Query::select();
        hits.column(Asterisk);
        let loosest = Self::loosest(search, fields);
        self.read_hits(&mut hits, search, loosest, MAX_HITS + 1);
        let is_frequent = is_frequent(search, loosest);
        hits.and_where(Expr::cust(format!("NOT {is_frequent}")));
        let mut sample = Query::select();
        sample
            .columns([Scope::Name, Scope::NameKeys, Scope::Everything].map(Scope::column))
            .from(self.words);
        self.limit_to_active(&mut sample, DbBackend::Postgres, (None, None));
        sample.order_by(POSITION, Order::Asc).limit(SAMPLE_SIZE);
        // The first level that a row satisfies is its tier.
        let mut start = "CASE".to_owned();
        for tier in tiers {
            let column = tier.level.scope.column();
            let query = ts_query(search, tier.level.kind);
            // Writing to memory can't fail.
            _ = write!(start, " WHEN {column} @@ {query} THEN {}", tier.start());
        }
        let few = Query::select()
            .column(self.owner)
            .expr_as(Expr::cust(format!("{POSITION} + {start} END")), RANK)
            .from(HITS)
            .and_where(are_few(&is_frequent))
            .take();
        let ranked = Query::select()
            .expr_as(Expr::col("hit"), self.owner)
            .expr_as(Expr::col("hit_rank"), RANK)
            .from(TOP_TIERS)
            .and_where(Expr::col("hit").is_not_null())
            .union(UnionType::All, few)
            .take();
        let top_tiers = self.top_tiers(search, tiers, &is_frequent);
        let ctes = [
            (SAMPLE, sample),
            (HITS, hits),
            (TOP_TIERS, top_tiers),
            (RANKED_HITS, ranked),
        ];
        let mut with = WithClause::new();
        for (name, query) in ctes {
            let cte = CommonTableExpression::new()
                .query(query)
                .table_name(name)
                .materialized(true)
                .to_owned();
            with.cte(cte);
        }
        with
    }

    fn top_tiers(
        &self,
        search: &Search,
        tiers: &[Tier],
        all_are_frequent: &str,
    ) -> SelectStatement {
        let array = |item: &dyn Fn(&Tier) -> String| {
            let items: Vec<_> = tiers.iter().map(item).collect();
            Expr::cust(format!("ARRAY[{}]", items.join(", ")))
        };
        let call = Func::cust(format!("{}_top_tiers", self.rows))
            .arg(array(&|tier| format!("'{}'", tier.level.scope.column())))
            .arg(array(&|tier| ts_query(search, tier.level.kind)))
            .arg(array(&|tier| format!("{}::bigint", tier.start())))
            .arg(array(&|tier| is_frequent(search, tier.level)))
            .arg(Expr::cust(format!("{MAX_HITS}::bigint")));
        Query::select()
            .column(Asterisk)
            .from_function(call, "tiers")
            .and_where(are_few(all_are_frequent).not())
            .take()
    }

    /// Restricts `query` on the table to the ranked matches, adds their rank, and sorts and limits them by the
    /// window.
    pub(super) fn few_hits(&self, query: &SelectStatement, window: &Window) -> SelectStatement {
        let rank = || Expr::col((RANKED_HITS, RANK));
        let mut few = query.clone();
        few.from_clear().from(RANKED_HITS);
        let is_owner = Expr::col((self.table, "id")).equals((RANKED_HITS, self.owner));
        few.inner_join(self.table, is_owner)
            .and_where_option(window.after.map(|after| rank().gt(after)))
            .and_where_option(window.before.map(|before| rank().lt(before)))
            .expr_as(rank(), RANK);
        let order = if window.is_reversed {
            Order::Desc
        } else {
            Order::Asc
        };
        few.order_by((RANKED_HITS, RANK), order).limit(window.limit);
        few
    }

    /// Builds a subquery of the rows of the sample that match a level.
    pub(super) fn sampled_hits(&self, search: &Search, level: Level) -> SelectStatement {
        let column = level.scope.column();
        let mut sample = Query::select();
        sample.columns([self.owner, column]).from(self.words);
        self.limit_to_active(&mut sample, DbBackend::Postgres, (None, None));
        sample.order_by(POSITION, Order::Asc).limit(SAMPLE_SIZE);
        Query::select()
            .column(self.owner)
            .from_subquery(sample, SAMPLE)
            .and_where(vector_condition(SAMPLE, search, level))
            .take()
    }

    /// Makes `query` read up to `limit` rows of a level, under the name `hits`, whatever the planner expects of the
    /// words.
    pub(super) fn read_hits(
        &self,
        query: &mut SelectStatement,
        search: &Search,
        level: Level,
        limit: i64,
    ) {
        let function = match level.scope {
            Scope::Name => format!("{}_name_hits", self.rows),
            _ => format!("{}_hits", self.rows),
        };
        let words = Expr::cust(ts_query(search, level.kind));
        let limit = Expr::cust(format!("{limit}::bigint"));
        let call = Func::cust(function).arg(words).arg(limit);
        query.from_clear().from_function(call, HITS);
    }
}
