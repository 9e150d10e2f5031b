//! The index of words of a table: what is written into it, and the queries that read it.
//!
//! # Tiers
//!
//! What fits a search is told apart by how well its words fit (as they are, as beginnings, with typos) and by the fields
//! that they are all found in (the name; name and SKU; any). Each pair is a tier, the best first, and a row belongs to the
//! first that it satisfies. A page reads one tier after the other, each in the order of the index, and stops when it is
//! full: what comes after is never looked at.
//!
//! A row's rank is its tier above its `seq`, in one number.

mod tiers;
mod window;
mod write;

pub use window::Window;

use sea_orm::sea_query::{
    Asterisk, Expr, ExprTrait, Func, Order, Query, SelectStatement, UnionType,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use self::tiers::Tier;
use super::Search;

/// How many bits of a rank are the place within the tier.
const SEQ_BITS: u32 = 48;
const SEQ: &str = "seq";
/// The same in FTS5.
const ROWID: &str = "rowid";
/// The column that ranked queries give beside those of the table.
pub const RANK: &str = "rank";

/// The index of a table.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// The table whose rows are found, by their `id`.
    pub table: &'static str,
    /// What says where each of them stands in the index, and on PostgreSQL its words.
    pub rows: &'static str,
    /// The column there that names it.
    pub owner: &'static str,
    /// SQLite's table of words.
    pub words: &'static str,
    pub has_sku: bool,
}

/// Which fields a ranked query looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    All,
    Names,
}

impl Index {
    /// Whether every row of the table is in the index. Nothing else can be: rows take theirs with them.
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

    /// A subquery of the ids of all that fit a search.
    pub fn fitting(&self, backend: DbBackend, search: &Search) -> SelectStatement {
        let mut query = Query::select();
        query.column((self.rows, self.owner));
        self.drive(&mut query, backend);
        query.and_where(self.fits(backend, search)).take()
    }

    /// The same rows as `query` finds in the table, those of them that fit a search, read off the index in no order.
    pub fn narrowed(
        &self,
        backend: DbBackend,
        search: &Search,
        mut query: SelectStatement,
    ) -> SelectStatement {
        self.drive(&mut query, backend);
        self.join_table(&mut query, backend);
        query.and_where(self.fits(backend, search)).take()
    }

    /// Of the rows that `query` finds in the table those that fit a search, with their rank, in the order of the window.
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
        let reached = tiers.iter().filter(|tier| window.reaches(tier));
        let arms = reached.map(|tier| {
            let is_in = self.is_in(backend, search, tier);
            let mut arm = query.clone();
            arm.and_where(is_in);
            self.arm(&mut arm, backend, tier, window);
            Query::select()
                .column(("fitting", Asterisk))
                .from_subquery(arm, "fitting")
                .take()
        });
        let all = arms.reduce(|mut all, next| all.union(UnionType::All, next).take());
        let nothing = || {
            let mut nothing = query.clone();
            let never = Expr::val(1).eq(0);
            nothing.expr_as(Expr::val(0_i64), RANK).and_where(never);
            nothing
        };
        all.unwrap_or_else(nothing).limit(window.limit).take()
    }

    /// Makes a query one of the rows of a tier, as far as the window shows them.
    fn arm(&self, arm: &mut SelectStatement, backend: DbBackend, tier: &Tier, window: &Window) {
        self.drive(arm, backend);
        self.join_table(arm, backend);
        let place = self.place(backend);
        let seq = || Expr::col(place);
        arm.expr_as(seq().add(tier.start()), RANK);
        if let Some(rank) = window.after.filter(|rank| *rank > tier.start()) {
            arm.and_where(seq().gt(rank - tier.start()));
        }
        if let Some(rank) = window.before.filter(|rank| *rank <= tier.end()) {
            arm.and_where(seq().lt(rank - tier.start()));
        }
        let order = if window.is_reversed {
            Order::Desc
        } else {
            Order::Asc
        };
        arm.order_by(place, order).limit(window.limit);
    }

    /// Lets a query begin at the index. SQLite keeps to the order in which tables are joined so; it knows this join without
    /// conditions only.
    fn drive(&self, query: &mut SelectStatement, backend: DbBackend) {
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

    /// The column that rows of a tier are ordered by.
    const fn place(&self, backend: DbBackend) -> (&'static str, &'static str) {
        match backend {
            DbBackend::Postgres => (self.rows, SEQ),
            _ => (self.words, ROWID),
        }
    }
}
