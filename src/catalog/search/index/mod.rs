//! Full-text index of a table: writing, and the queries that read it.
//!
//! # Tiers
//!
//! Matches are ranked by how their words match (the whole name or code, whole words, other forms, prefixes, typos) and
//! by the fields that contain all of them (the name; name, codes and labels; any field). Each combination is a tier,
//! best first: the kind of match decides, but of whole words and other forms the field does (see `Level::place`). A row belongs
//! to the first tier that it satisfies. For example, the tier of whole words and the name holds rows whose names contain all
//! words as whole words. A page reads tier after tier, each in index order, and stops when it is full: later tiers are not
//! read.
//!
//! The rank of a row is a single number: its tier in the high bits, and its [`position`] in the low bits.
//!
//! # Frequent and rare words on PostgreSQL
//!
//! PostgreSQL reads a tier in its order and filters, which is fast only if rows match often, or reads all matches and
//! sorts them, which is fast only if they are few. Its statistics often choose wrongly, and the GIN index always reads all
//! matches of a beginning of a word, however few are wanted: of `ba`, those of each word that begins with it. Therefore
//! functions of the database choose by a sample, the first 300 or 3,000 rows of the index (see `page` and the migration
//! `m20261130_074_lazy_search.sql`). They compare the time of three plans:
//!
//! | plan | reads | for example |
//! |---|---|---|
//! | in order | rows of the index in their order until the page is full | `ba` |
//! | all terms | the entries of all terms in the GIN index, and the rows that are in all | `enamel mug` |
//! | the rarest term | its rows, in which the others are looked for | `ba coran` reads the rows with `coran` |
//!
//! FTS5 has one order and needs no choice. But it opens all words of each tier before it returns a row. So the tiers without
//! corrections are skipped if they have no rows.

mod completeness;
mod counts;
mod engine_hits;
mod expression;
mod page;
mod partial;
pub mod position;
mod stored;
mod tiers;
mod window;
mod write;

pub use position::Bucket;
pub use window::Window;
pub use write::Entry;

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    Asterisk, CommonTableExpression, Expr, ExprTrait, Order, Query, SelectStatement, UnionType,
    WithClause,
};

use self::engine_hits::ids_of_hits;
use self::page::Matches;
use self::position::{POSITION_BITS, SEQ_BITS};
use self::tiers::{Level, Tier};
use super::Search;
use super::generation::ACTIVE;

/// The column of `rows` with the place of a row in the order of creation.
const SEQ: &str = "seq";
/// The column of `rows` with the [`Bucket`].
const BUCKET: &str = "bucket";
/// The column of `rows` with the newest generation that has the words of the row.
const GENERATION: &str = "generation";
/// The column of the table of words with the position, on PostgreSQL.
const POSITION: &str = "position";
/// The key in FTS5: the generation and the position.
const ROWID: &str = "rowid";
/// The subquery that finds out whether a row matches without corrections.
const DIRECT: &str = "direct";
/// The column of queries that find out whether something matches.
const FOUND: &str = "found";
/// The additional column of ranked queries.
pub const RANK: &str = "rank";

/// Full-text index of a table.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// The indexed table, with an `id` column.
    pub table: &'static str,
    /// The table that assigns an index position to each row.
    pub rows: &'static str,
    /// The column of `rows` that references the indexed table.
    pub owner: &'static str,
    /// The table of words.
    pub words: &'static str,
    /// Whether rows have codes and labels.
    pub has_keys: bool,
}

/// The fields that a ranked query searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    All,
    NameOnly,
}

impl Index {
    /// Builds a subquery of the IDs of all rows that match a search.
    pub fn matching_ids(&self, backend: DbBackend, search: &Search) -> SelectStatement {
        if let Some(hits) = &search.hits {
            return ids_of_hits(backend, hits);
        }
        let mut query = Query::select();
        query.column((self.owner_table(backend), self.owner));
        self.start_from_index(&mut query, backend);
        self.limit_to_active(&mut query, backend, (None, None));
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
        if let Some(hits) = &search.hits {
            let is_hit = Expr::col((self.table, "id")).in_subquery(ids_of_hits(backend, hits));
            return query.and_where(is_hit).take();
        }
        self.start_from_index(&mut query, backend);
        self.limit_to_active(&mut query, backend, (None, None));
        self.join_table(&mut query, backend);
        query.and_where(self.fits(backend, search)).take()
    }

    /// Condition for the rows of all tiers.
    fn fits(&self, backend: DbBackend, search: &Search) -> Expr {
        self.level_condition(backend, search, Self::loosest(search, Fields::All))
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
        if let Some(hits) = &search.hits {
            return self.ranked_hits(backend, hits, query, window);
        }
        let window = &window.in_database();
        let tiers = self.tiers(search, fields);
        if !tiers.iter().any(|tier| window.overlaps(tier)) {
            let mut nothing = query.clone();
            nothing
                .expr_as(Expr::val(0_i64), RANK)
                .and_where(Expr::val(1).eq(0));
            return nothing.limit(window.limit).take();
        }
        if backend == DbBackend::Postgres {
            return self.page(&Matches::of(search, &tiers), query, window);
        }
        let direct = Self::direct_level(search, fields);
        let has_direct = Expr::cust(format!("(SELECT {FOUND} FROM {DIRECT})"));
        let has_direct = direct.map(|_| has_direct);
        let reached = tiers.iter().filter(|tier| window.overlaps(tier));
        let tier_queries = reached.map(|tier| {
            let mut tier_query = query.clone();
            tier_query.and_where(self.tier_condition(search, tier, has_direct.as_ref()));
            self.tier_query(&mut tier_query, tier, window);
            tier_query
        });
        let mut parts: Vec<_> = tier_queries.collect();
        if window.is_reversed {
            parts.reverse();
        }
        let parts = parts.into_iter().map(|part| {
            Query::select()
                .column(("fitting", Asterisk))
                .from_subquery(part, "fitting")
                .take()
        });
        let all = parts.reduce(|mut all, next| all.union(UnionType::All, next).take());
        let mut all = all.unwrap_or_else(|| query.clone());
        if let Some(direct) = direct {
            all.with_cte(self.direct_matches(search, direct));
        }
        all.limit(window.limit).take()
    }

    /// Builds a subquery that finds out whether a row matches without corrections, in FTS5. It is executed once.
    fn direct_matches(&self, search: &Search, direct: Level) -> WithClause {
        let mut any = Query::select();
        any.expr(Expr::val(1)).from(self.words);
        any.and_where(self.level_condition(DbBackend::Sqlite, search, direct));
        self.limit_to_active(&mut any, DbBackend::Sqlite, (None, None));
        let found = Query::select().expr_as(Expr::exists(any), FOUND).take();
        let direct = CommonTableExpression::new()
            .query(found)
            .table_name(DIRECT)
            .materialized(true)
            .to_owned();
        WithClause::new().cte(direct).to_owned()
    }

    /// Restricts a query to the rows of a tier within the window, in FTS5.
    fn tier_query(&self, tier_query: &mut SelectStatement, tier: &Tier, window: &Window) {
        let backend = DbBackend::Sqlite;
        self.start_from_index(tier_query, backend);
        let offset = |rank: i64| rank - tier.start();
        let after = window.after.map(offset).filter(|after| *after > 0);
        let before = window.before.map(offset);
        let before = before.filter(|before| *before <= offset(tier.end()));
        self.limit_to_active(tier_query, backend, (after, before));
        self.join_table(tier_query, backend);
        tier_query.expr_as(self.position().add(tier.start()), RANK);
        let order = if window.is_reversed {
            Order::Desc
        } else {
            Order::Asc
        };
        tier_query
            .order_by((self.words, ROWID), order)
            .limit(window.limit);
    }

    /// Makes the index the first table of the join. SQLite preserves this order for `CROSS JOIN`, which takes no `ON`
    /// condition here.
    fn start_from_index(&self, query: &mut SelectStatement, backend: DbBackend) {
        query.from_clear();
        query.from(self.words);
        if backend != DbBackend::Postgres {
            let seq = Expr::cust(format!(
                "({}.{ROWID} & {})",
                self.words,
                (1_i64 << SEQ_BITS) - 1
            ));
            let is_position = Expr::col((self.rows, SEQ)).eq(seq);
            query.cross_join(self.rows).and_where(is_position);
        }
    }

    /// Restricts a query to the active generation, and to positions between these.
    fn limit_to_active(
        &self,
        query: &mut SelectStatement,
        backend: DbBackend,
        (after, before): (Option<i64>, Option<i64>),
    ) {
        let words = self.words;
        if backend == DbBackend::Postgres {
            query.and_where(Expr::cust(format!("{words}.{GENERATION} = {ACTIVE}")));
            let position = || Expr::col((words, POSITION));
            query.and_where_option(after.map(|after| position().gt(after)));
            query.and_where_option(before.map(|before| position().lt(before)));
            return;
        }
        // One bound of each kind: FTS5 seeks by no more.
        let (after, before) = (after.unwrap_or(0), before.unwrap_or(1 << POSITION_BITS));
        query.and_where(Expr::cust(format!(
            "{words}.{ROWID} > ({ACTIVE} << {POSITION_BITS}) + {after}"
        )));
        query.and_where(Expr::cust(format!(
            "{words}.{ROWID} < ({ACTIVE} << {POSITION_BITS}) + {before}"
        )));
    }

    fn join_table(&self, query: &mut SelectStatement, backend: DbBackend) {
        let is_owner =
            Expr::col((self.table, "id")).equals((self.owner_table(backend), self.owner));
        if backend == DbBackend::Postgres {
            query.inner_join(self.table, is_owner);
        } else {
            query.cross_join(self.table).and_where(is_owner);
        }
    }

    /// The table that references the indexed one in queries.
    const fn owner_table(&self, backend: DbBackend) -> &'static str {
        match backend {
            DbBackend::Postgres => self.words,
            _ => self.rows,
        }
    }

    /// The position of a row in FTS5.
    fn position(&self) -> Expr {
        Expr::cust(format!(
            "({}.{ROWID} & {})",
            self.words,
            (1_i64 << POSITION_BITS) - 1
        ))
    }
}
