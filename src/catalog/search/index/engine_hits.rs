//! Queries for the products that a search engine has found, in its order.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement};
use uuid::Uuid;

use super::{Index, RANK, Window};

/// The rank of the first result. Above all ranks of the database, so that the origin of a cursor is known.
const FIRST_RANK: i64 = 1 << 62;
const HITS: &str = "hits";
const PLACE: &str = "place";

/// Whether a rank is that of a result of the engine.
pub(super) const fn is_rank_of_hit(rank: i64) -> bool {
    rank >= FIRST_RANK
}

/// Builds a query of the IDs that the engine has found.
pub(super) fn ids_of_hits(backend: DbBackend, hits: &[Uuid]) -> SelectStatement {
    Query::select()
        .column("id")
        .from_subquery(table(backend, hits), HITS)
        .take()
}

impl Index {
    /// Restricts `query` on the table to the rows that the engine has found, in the order of the engine within a window.
    pub(super) fn ranked_hits(
        &self,
        backend: DbBackend,
        hits: &[Uuid],
        query: &SelectStatement,
        window: &Window,
    ) -> SelectStatement {
        let mut query = query.clone();
        let rank = || Expr::col((HITS, PLACE)).add(FIRST_RANK);
        let is_hit = Expr::col((self.table, "id")).equals((HITS, "id"));
        query
            .join_subquery(JoinType::InnerJoin, table(backend, hits), HITS, is_hit)
            .expr_as(rank(), RANK);
        if let Some(after) = window.after.filter(|rank| is_rank_of_hit(*rank)) {
            query.and_where(rank().gt(after));
        }
        if let Some(before) = window.before.filter(|rank| is_rank_of_hit(*rank)) {
            query.and_where(rank().lt(before));
        }
        let order = if window.is_reversed {
            Order::Desc
        } else {
            Order::Asc
        };
        query
            .order_by((HITS, PLACE), order)
            .limit(window.limit)
            .take()
    }
}

/// The found IDs with their places, as a table. One parameter, so that the statement has the same text for any number.
fn table(backend: DbBackend, hits: &[Uuid]) -> SelectStatement {
    let separated = |separator: &str, quote: &str| {
        let ids = hits
            .iter()
            .map(|id| format!("{quote}{}{quote}", id.simple()));
        ids.collect::<Vec<_>>().join(separator)
    };
    let mut table = Query::select();
    if backend == DbBackend::Postgres {
        let ids = Expr::cust_with_values(
            "unnest(string_to_array($1, ',')::uuid[])",
            [separated(",", "")],
        );
        // Both functions return as many rows, one beside the other.
        let places = Expr::cust_with_values(
            "generate_series(1::bigint, $1)",
            [i64::try_from(hits.len()).unwrap_or(i64::MAX)],
        );
        return table.expr_as(ids, "id").expr_as(places, PLACE).take();
    }
    let json = format!("[{}]", separated(",", "\""));
    table
        .expr_as(Expr::cust("unhex(\"value\")"), "id")
        .expr_as(Expr::cust("\"key\" + 1"), PLACE)
        .from_function(Func::cust(Alias::new("json_each")).arg(json), "found")
        .take()
}
