//! Full-text index of a table: writing, and the queries that read it.
//!
//! # Tiers
//!
//! Matches are ranked by how their words match (whole words, prefixes, typos) and by the fields that contain all of
//! them (the name; name and SKU; any field). Each combination is a tier, best first, and a row belongs to the first
//! tier that it satisfies. For example, tier 0 holds rows whose names contain all words as whole words. A page reads
//! tier after tier, each in index order, and stops when it is full: later tiers are not read.
//!
//! The rank of a row is a single number: its tier in the high bits, and its `seq` in the low bits.

mod counts;
mod outcome;
mod tiers;
mod window;
mod write;

pub use outcome::Outcome;
pub use window::Window;

use sea_orm::sea_query::{
    Asterisk, Expr, ExprTrait, Func, Order, Query, SelectStatement, UnionType,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use self::tiers::Tier;
use super::Search;

/// Number of low bits of a rank that hold the position within the tier.
const SEQ_BITS: u32 = 48;
const SEQ: &str = "seq";
/// The column in FTS5 that corresponds to `SEQ`.
const ROWID: &str = "rowid";
/// The additional column of ranked queries.
pub const RANK: &str = "rank";

/// Full-text index of a table.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// The indexed table, with an `id` column.
    pub table: &'static str,
    /// The table that assigns an index position to each row. On PostgreSQL it also holds the words.
    pub rows: &'static str,
    /// The column of `rows` that references the indexed table.
    pub owner: &'static str,
    /// The FTS5 table of words on SQLite.
    pub words: &'static str,
    pub has_sku: bool,
}

/// The fields that a ranked query searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    All,
    NameOnly,
}

impl Index {
    /// Whether every row of the table is indexed. Comparing counts suffices: index rows are deleted with their
    /// owners.
    pub async fn is_complete(&self, db: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let count = |table: &'static str| {
            let count = Func::count(Expr::col(Asterisk));
            Expr::from(Query::select().expr(count).from(table).take())
        };
        let query = Query::select()
            .expr_as(count(self.table).eq(count(self.rows)), "is_complete")
            .take();
        let row = db.query_one(&query).await?;
        row.map_or(Ok(false), |row| row.try_get("", "is_complete"))
    }

    /// Builds a subquery of the IDs of all rows that match a search.
    pub fn matching_ids(&self, backend: DbBackend, search: &Search) -> SelectStatement {
        let mut query = Query::select();
        query.column((self.rows, self.owner));
        self.start_from_index(&mut query, backend);
        query.and_where(self.fits(backend, search)).take()
    }

    /// Restricts `query` on the table to rows that match a search. Rows are read from the index, in no particular
    /// order.
    pub fn restrict_to_matches(
        &self,
        backend: DbBackend,
        search: &Search,
        mut query: SelectStatement,
    ) -> SelectStatement {
        self.start_from_index(&mut query, backend);
        self.join_table(&mut query, backend);
        query.and_where(self.fits(backend, search)).take()
    }

    /// Restricts `query` on the table to rows that match a search, adds their rank, and sorts and limits them by the
    /// window.
    pub fn ranked(
        &self,
        backend: DbBackend,
        search: &Search,
        fields: Fields,
        query: &SelectStatement,
        window: &Window,
    ) -> SelectStatement {
        let mut tiers = self.tiers(search, fields);
        if window.is_reversed {
            tiers.reverse();
        }
        let reached = tiers.iter().filter(|tier| window.overlaps(tier));
        let tier_queries = reached.map(|tier| {
            let tier_condition = self.tier_condition(backend, search, tier);
            let mut tier_query = query.clone();
            tier_query.and_where(tier_condition);
            self.tier_query(&mut tier_query, backend, tier, window);
            Query::select()
                .column(("fitting", Asterisk))
                .from_subquery(tier_query, "fitting")
                .take()
        });
        let all = tier_queries.reduce(|mut all, next| all.union(UnionType::All, next).take());
        let nothing = || {
            let mut nothing = query.clone();
            let never = Expr::val(1).eq(0);
            nothing.expr_as(Expr::val(0_i64), RANK).and_where(never);
            nothing
        };
        all.unwrap_or_else(nothing).limit(window.limit).take()
    }

    /// Restricts a query to the rows of a tier within the window.
    fn tier_query(
        &self,
        tier_query: &mut SelectStatement,
        backend: DbBackend,
        tier: &Tier,
        window: &Window,
    ) {
        self.start_from_index(tier_query, backend);
        self.join_table(tier_query, backend);
        let sort_column = self.sort_column(backend);
        let seq = || Expr::col(sort_column);
        tier_query.expr_as(seq().add(tier.start()), RANK);
        if let Some(rank) = window.after.filter(|rank| *rank > tier.start()) {
            tier_query.and_where(seq().gt(rank - tier.start()));
        }
        if let Some(rank) = window.before.filter(|rank| *rank <= tier.end()) {
            tier_query.and_where(seq().lt(rank - tier.start()));
        }
        let order = if window.is_reversed {
            Order::Desc
        } else {
            Order::Asc
        };
        tier_query.order_by(sort_column, order).limit(window.limit);
    }

    /// Makes the index the first table of the join. SQLite preserves this order for `CROSS JOIN`, which takes no `ON`
    /// condition here.
    fn start_from_index(&self, query: &mut SelectStatement, backend: DbBackend) {
        query.from_clear();
        if backend == DbBackend::Postgres {
            query.from(self.rows);
        } else {
            let is_place = Expr::col((self.rows, SEQ)).equals((self.words, ROWID));
            query
                .from(self.words)
                .cross_join(self.rows)
                .and_where(is_place);
        }
    }

    fn join_table(&self, query: &mut SelectStatement, backend: DbBackend) {
        let is_owner = Expr::col((self.table, "id")).equals((self.rows, self.owner));
        if backend == DbBackend::Postgres {
            query.inner_join(self.table, is_owner);
        } else {
            query.cross_join(self.table).and_where(is_owner);
        }
    }

    /// The column that orders the rows of a tier.
    const fn sort_column(&self, backend: DbBackend) -> (&'static str, &'static str) {
        match backend {
            DbBackend::Postgres => (self.rows, SEQ),
            _ => (self.words, ROWID),
        }
    }
}
