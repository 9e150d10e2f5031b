//! Queries of the best matches on PostgreSQL, by functions of the database that choose a plan for the words. They take the
//! expressions as parameters, so that all searches are the same statement, which is planned once.
//!
//! ```text
//! best      the next matches, a few more than the page needs
//! more      if that is not enough, because the query on the table excludes some: the next 2,000
//! many      the next 20,000
//! all       all others
//! ```

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, FunctionCall, Order, Query, SelectStatement,
    UnionType, WithClause,
};

use super::expression::{MatchKind, conjuncts, exact, expression, has_beginnings};
use super::tiers::{Level, Tier};
use super::{Index, RANK, Window};
use crate::catalog::search::Search;

/// The columns of the function. The last row has no hit if there may be more.
const HIT: &str = "hit";
const HIT_RANK: &str = "hit_rank";
/// The name of the rows of the function in subqueries.
const HITS: &str = "hits";

/// Matches that are read beyond those of the page, because some may be invisible.
const SPARE: i64 = 10;
/// The parts of the results that are read one after the other until the page is full, and their sizes.
const PARTS: [(&str, i64); 4] = [
    ("best", 0),
    ("more", 2_000),
    ("many", 20_000),
    ("all_others", 1_000_000_000),
];

/// The matches to read: tiers of searches, best first.
pub(super) struct Matches<'a> {
    tiers: Vec<(&'a Search, Level)>,
    starts: Vec<i64>,
    /// The numbers of the tiers, from 1, whose rows do not belong to a tier.
    better: Vec<Vec<usize>>,
}

impl<'a> Matches<'a> {
    /// Returns those of the tiers of a search.
    pub fn of(search: &'a Search, tiers: &[Tier]) -> Self {
        let number = |level: &Level| {
            let mut numbers = tiers.iter().zip(1..);
            let found = numbers.find(|(tier, _)| tier.level == *level);
            found.map(|(_, number)| number)
        };
        let better = |tier: &Tier| tier.better_levels.iter().filter_map(number).collect();
        Self {
            tiers: tiers.iter().map(|tier| (search, tier.level)).collect(),
            starts: tiers.iter().map(Tier::start).collect(),
            better: tiers.iter().map(better).collect(),
        }
    }

    /// Returns those of these levels of searches. The last level must include the others. Rows belong to the first level that
    /// they satisfy, and to others.
    pub fn of_levels(tiers: Vec<(&'a Search, Level)>, starts: Vec<i64>) -> Self {
        let better = vec![Vec::new(); tiers.len()];
        Self {
            tiers,
            starts,
            better,
        }
    }

    /// Builds the call of the function for at least `wanted` matches between two ranks.
    fn call(
        &self,
        rows: &str,
        (first, last): (Expr, Expr),
        is_reversed: bool,
        wanted: i64,
    ) -> FunctionCall {
        const BACKEND: DbBackend = DbBackend::Postgres;
        let text = |sql: &str, text: String| Expr::cust_with_values(sql.to_owned(), [text]);
        let with_commas = |items: Vec<String>| items.join(",");
        let each = |item: &dyn Fn(&Search, Level) -> String| {
            let items = self
                .tiers
                .iter()
                .map(|(search, level)| item(search, *level));
            items.collect::<Vec<_>>()
        };
        let fields = each(&|_, level| level.scope.column().to_owned());
        let queries =
            each(&|search, level| expression(BACKEND, search, level.kind).unwrap_or_default());
        let wide = each(&|search, level| has_beginnings(search, level.kind).to_string());
        let better = self.better.iter().flat_map(|numbers| {
            debug_assert!(numbers.len() <= 3);
            let number = |index: usize| numbers.get(index).map(ToString::to_string);
            [0, 1, 2].map(|index| number(index).unwrap_or_default())
        });
        // No conjunct has a part of another search.
        let only = self.tiers.first().map(|(search, _)| *search);
        let is_one = self.tiers.iter().all(|(search, _)| Some(*search) == only);
        let terms = |search: &Search, kind| conjuncts(BACKEND, search, kind);
        let per_tier = only.filter(|_| is_one);
        let per_tier = per_tier.map_or(0, |search| terms(search, MatchKind::Start).len());
        let terms = self.tiers.iter().flat_map(|(search, level)| {
            if per_tier == 0 || !has_beginnings(search, level.kind) {
                return vec![String::new(); per_tier];
            }
            terms(search, level.kind)
        });
        let terms: Vec<_> = terms.collect();
        let exact = only.and_then(|search| exact(BACKEND, search));
        let starts = self.starts.iter().map(ToString::to_string);
        Func::cust(format!("{rows}_page"))
            .arg(text("string_to_array($1, ',')", with_commas(fields)))
            .arg(text(
                "string_to_array($1, chr(10))::tsquery[]",
                queries.join("\n"),
            ))
            .arg(text(
                "string_to_array($1, ',')::bigint[]",
                with_commas(starts.collect()),
            ))
            .arg(text(
                "string_to_array($1, ',', '')::integer[]",
                with_commas(better.collect()),
            ))
            .arg(text(
                "string_to_array($1, ',')::boolean[]",
                with_commas(wide),
            ))
            .arg(text("NULLIF($1, '')::tsquery", exact.unwrap_or_default()))
            .arg(text(
                "string_to_array($1, chr(10), '')::tsquery[]",
                terms.join("\n"),
            ))
            .arg(Expr::val(i32::try_from(per_tier).unwrap_or_default()))
            .arg(first)
            .arg(last)
            .arg(Expr::val(is_reversed))
            .arg(Expr::val(wanted))
    }
}

impl Index {
    /// Restricts `query` on the table to the matches within a window, adds their rank, and sorts and limits them.
    pub(super) fn page(
        &self,
        matches: &Matches<'_>,
        query: &SelectStatement,
        window: &Window,
    ) -> SelectStatement {
        self.parts_of_page(&PARTS, matches, query, window)
    }

    /// Builds a query of the rank of the first row that `visible` selects among about 2,000 matches.
    pub(super) fn first_visible(
        &self,
        matches: &Matches<'_>,
        visible: &SelectStatement,
    ) -> SelectStatement {
        let mut visible = visible.clone();
        let (parts, window) = (&PARTS[..2], Window::first(1));
        self.parts_of_page(parts, matches, visible.clear_selects(), &window)
    }

    fn parts_of_page(
        &self,
        parts: &[(&'static str, i64)],
        matches: &Matches<'_>,
        query: &SelectStatement,
        window: &Window,
    ) -> SelectStatement {
        let first = Expr::val(window.after.map_or(0, |rank| rank.saturating_add(1)));
        let last = Expr::val(
            window
                .before
                .map_or(i64::MAX, |rank| rank.saturating_sub(1)),
        );
        let limit = i64::try_from(window.limit).unwrap_or(i64::MAX);
        let mut with = WithClause::new();
        let mut pages: Option<SelectStatement> = None;
        let mut before: Option<&str> = None;
        for &(name, size) in parts {
            let size = Ord::max(size, limit.saturating_add(SPARE));
            let mut part = Query::select();
            let mut bounds = (first.clone(), last.clone());
            if let Some(before) = before {
                // Null if the part before has all matches.
                let stop = |step: &str| {
                    Expr::cust(format!(
                        "(SELECT {HIT_RANK} {step} FROM {before} WHERE {HIT} IS NULL)"
                    ))
                };
                if window.is_reversed {
                    bounds.1 = stop("- 1");
                } else {
                    bounds.0 = stop("+ 1");
                }
                part.and_where(stop("").is_not_null());
            }
            let call = matches.call(self.rows, bounds, window.is_reversed, size);
            part.columns([HIT, HIT_RANK]).from_function(call, HITS);
            let cte = CommonTableExpression::new()
                .query(part)
                .table_name(name)
                .materialized(true)
                .to_owned();
            with.cte(cte);
            let page = self.part_of_page(name, query, window);
            pages = Some(match pages {
                Some(mut pages) => pages.union(UnionType::All, page).take(),
                None => page,
            });
            before = Some(name);
        }
        let mut all = pages.unwrap_or_else(|| query.clone());
        all.with_cte(with);
        all.limit(window.limit).take()
    }

    fn part_of_page(
        &self,
        part: &'static str,
        query: &SelectStatement,
        window: &Window,
    ) -> SelectStatement {
        let mut page = query.clone();
        let is_owner = Expr::col((self.table, "id")).equals((part, HIT));
        let order = if window.is_reversed {
            Order::Desc
        } else {
            Order::Asc
        };
        page.from_clear()
            .from(part)
            .inner_join(self.table, is_owner)
            .expr_as(Expr::col((part, HIT_RANK)), RANK)
            .order_by((part, HIT_RANK), order)
            .limit(window.limit);
        Query::select()
            .expr(Expr::cust("fitting.*"))
            .from_subquery(page, "fitting")
            .take()
    }

    /// Builds a query of the rows that `visible` selects among the best `wanted` matches and some more, with their rank as the
    /// only column.
    pub(super) fn visible_matches(
        &self,
        matches: &Matches<'_>,
        visible: &SelectStatement,
        wanted: i64,
    ) -> SelectStatement {
        let bounds = (Expr::val(0_i64), Expr::val(i64::MAX));
        let mut query = visible.clone();
        let is_owner = Expr::col((self.table, "id")).equals((HITS, HIT));
        query
            .clear_selects()
            .expr_as(Expr::col((HITS, HIT_RANK)), HIT_RANK)
            .from_clear()
            .from_function(matches.call(self.rows, bounds, false, wanted), HITS)
            .inner_join(self.table, is_owner)
            .order_by((HITS, HIT_RANK), Order::Asc);
        query
    }
}
