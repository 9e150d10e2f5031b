//! Facet queries. One statement computes all facets of all lists; facets over the same products share a common table
//! expression.

mod attributes;
mod options;

pub use options::SEPARATOR;

use sea_orm::sea_query::{
    Asterisk, CommonTableExpression, Expr, ExprTrait, Func, IntoColumnRef, JoinType, Query,
    SelectStatement, UnionType, WindowStatement, WithClause,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Order, QueryTrait, Select};

use crate::catalog::category::entity as category;
use crate::catalog::category::list::MAX_LEVEL;
use crate::catalog::product::entity::{Column, Entity, product_category};
use crate::catalog::product::list::{Facet, Filter, MAX_FACET_PRODUCTS};
use crate::catalog::product::repository::{filtered, numbered_union, query_index};
use crate::core::money::MAX_MINOR;
use crate::core::viewer::Audience;

/// Number of products in a group. The meaning of the columns depends on the facet.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct FacetGroup {
    /// Category facet: path of a category that contains the products directly. Status facet: the status. Brand facet:
    /// the brand, empty for none. Option facet: the names of the option and the value, see [`SEPARATOR`]. Attribute
    /// facet: the UUIDs of the attribute and the choice, likewise.
    pub label: String,
    /// Category facet: number of levels of the path for which these products were already counted by another of their
    /// categories; negative for the primary category. Price facet: lowest price. Stock facet: 1 if in stock.
    /// Option facet: -1 for all products. Attribute facet: the lowest value; all products have an empty label.
    pub low: i64,
    /// Price facet: highest price. Prices in a cell share the first two digits. Attribute facet: highest value.
    pub high: i64,
    pub found: i64,
}

const LABEL: &str = "label";
const LOW: &str = "low";
const HIGH: &str = "high";
const FOUND: &str = "found";
const LINK: &str = "link";
const BEFORE: &str = "before";
const PATH: &str = "path";
const PRIMARY: &str = "primary_category";
const STEP: &str = "step";
const PART: &str = "part";

/// Returns the cells of each list and facet, in no particular order. Reads at most [`MAX_FACET_PRODUCTS`] products of
/// a list and one more, newest first.
pub async fn facets_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    wanted: &[(Filter, Facet)],
) -> Result<Vec<Vec<FacetGroup>>, DbErr> {
    let backend = db.get_database_backend();
    let mut bases: Vec<Filter> = Vec::new();
    let cells = wanted.iter().map(|(filter, facet)| {
        let base = filter.without_facet(*facet);
        let known = bases.iter().position(|known| *known == base);
        let index = known.unwrap_or_else(|| {
            bases.push(base);
            bases.len() - 1
        });
        cells((filter, *facet), &name(index), audience, backend)
    });
    let cells: Vec<_> = cells.collect();
    let Some(mut query) = numbered_union(cells.into_iter()) else {
        return Ok(Vec::new());
    };
    let mut with = WithClause::new();
    let has_brands = wanted.iter().any(|(_, facet)| *facet == Facet::Brands);
    for (index, filter) in bases.iter().enumerate() {
        let filtered = filtered(backend, audience, filter);
        with.cte(base(filtered, has_brands, &name(index)));
    }
    query.with_cte(with);
    let mut found: Vec<Vec<FacetGroup>> = wanted.iter().map(|_| Vec::new()).collect();
    for row in db.query_all(&query).await? {
        if let Some(cells) = found.get_mut(query_index(&row)?) {
            cells.push(FacetGroup::from_query_result(&row, "")?);
        }
    }
    Ok(found)
}

fn name(index: usize) -> String {
    format!("list_{index}")
}

/// Common table expression of the products to count.
fn base(filtered: Select<Entity>, has_brands: bool, name: &str) -> CommonTableExpression {
    let mut query = filtered.into_query();
    query.clear_selects();
    if has_brands {
        query.column((Entity, Column::Brand));
    }
    for column in [
        Column::Id,
        Column::CategoryId,
        Column::Price,
        Column::InStock,
        Column::Status,
    ] {
        query.column((Entity, column));
    }
    // In index order, so that reading stops at the limit and always covers the same products.
    query
        .order_by((Entity, Column::CreatedAt), Order::Desc)
        .order_by((Entity, Column::Id), Order::Desc)
        .limit(MAX_FACET_PRODUCTS.unsigned_abs() + 1);
    CommonTableExpression::new()
        .table_name(name.to_owned())
        .query(query)
        .to_owned()
}

fn cells(
    (filter, facet): (&Filter, Facet),
    base: &str,
    audience: Audience,
    backend: DbBackend,
) -> SelectStatement {
    match facet {
        Facet::Categories => by_category(base, audience, backend),
        Facet::Price => by_price(base),
        Facet::Stock => by_stock(base),
        Facet::Statuses => by_text(base, Column::Status),
        Facet::Brands => by_text(base, Column::Brand),
        Facet::Options => options::by_option(base, filter, backend),
        Facet::Attributes => attributes::by_attribute(base, filter, None, backend),
        Facet::Attribute(id) => attributes::by_attribute(base, filter, Some(id), backend),
    }
}

/// Counts the rows of `parts` per group. The caller adds the `GROUP BY`.
fn counted(parts: SelectStatement, label: Expr, low: Expr, high: Expr) -> SelectStatement {
    Query::select()
        .expr_as(label, LABEL)
        .expr_as(low, LOW)
        .expr_as(high, HIGH)
        .expr_as(Func::count(Expr::col(Asterisk)), FOUND)
        .from_subquery(parts, "parts")
        .take()
}

/// Groups prices by their first two digits. This is fine enough for all bucket bounds, and yields few rows.
fn by_price(base: &str) -> SelectStatement {
    let price = || Expr::col(Column::Price);
    let mut step = Expr::case(price().lt(100_i64), 1_i64);
    let mut size = 10_i64;
    while size * 100 <= MAX_MINOR {
        step = step.case(price().lt(size * 100), size);
        size *= 10;
    }
    let steps = Query::select()
        .column(Column::Price)
        .expr_as(step.finally(size), STEP)
        .from(base.to_owned())
        .take();
    let parts = Query::select()
        .column(Column::Price)
        .column(STEP)
        .expr_as(price().div(Expr::col(STEP)), PART)
        .from_subquery(steps, "steps")
        .take();
    counted(parts, Expr::val(""), price().min(), price().max())
        .group_by_columns([STEP, PART])
        .take()
}

fn by_stock(base: &str) -> SelectStatement {
    let some = Expr::case(Expr::col(Column::InStock).eq(true), 1_i64).finally(0_i64);
    let parts = Query::select()
        .expr_as(some, PART)
        .from(base.to_owned())
        .take();
    let part = || Expr::col(PART);
    counted(parts, Expr::val(""), part(), part())
        .group_by_col(PART)
        .take()
}

fn by_text(base: &str, column: Column) -> SelectStatement {
    let parts = Query::select().column(column).from(base.to_owned()).take();
    let nothing = || Expr::val(0_i64);
    let label = Func::coalesce([Expr::col(column), Expr::val("")]);
    counted(parts, label.into(), nothing(), nothing())
        .group_by_col(column)
        .take()
}

/// Counts each product once per category that contains it and per ancestor. Most products are only in their primary
/// category; these are counted without looking up others.
fn by_category(base: &str, audience: Audience, backend: DbBackend) -> SelectStatement {
    let primaries = Query::select()
        .column((category::Entity, category::Column::Path))
        .from(base.to_owned())
        .join(
            JoinType::InnerJoin,
            category::Entity,
            is_category((base.to_owned(), Column::CategoryId)),
        )
        .take();
    let path = || Expr::col(category::Column::Path);
    let first = counted(primaries, path(), Expr::val(-1_i64), Expr::val(0_i64))
        .group_by_col(category::Column::Path)
        .take();
    let parts = Query::select()
        .column(category::Column::Path)
        .expr_as(shared_levels(), PART)
        .from_subquery(additional(base, audience, backend), "further")
        .take();
    let additional = counted(parts, path(), Expr::col(PART), Expr::val(0_i64))
        .group_by_col(category::Column::Path)
        .group_by_col(PART)
        .take();
    first.clone().union(UnionType::All, additional).take()
}

/// Number of path levels already counted for the product: those shared with its primary category, or with its
/// previous additional category in tree order. Of all previous ones, that one shares the most levels.
fn shared_levels() -> Expr {
    let start = |path: &'static str, level: u32| {
        let length = i32::from(category::PATH_STEP) * (level.cast_signed() + 1);
        let parts = [Expr::col(path), Expr::val(1), Expr::val(length)];
        Expr::expr(Func::cust("substr").args(parts))
    };
    let differs = |level| {
        let before = start(BEFORE, level).ne(start(PATH, level));
        let before = Expr::col(BEFORE).is_null().or(before);
        start(PRIMARY, level).ne(start(PATH, level)).and(before)
    };
    let mut shared = Expr::case(differs(0), 0_i64);
    for level in 1..MAX_LEVEL {
        shared = shared.case(differs(level), i64::from(level));
    }
    shared.finally(i64::from(MAX_LEVEL)).into()
}

/// Paths of the additional categories of each product, with the path of the primary category and that of the previous
/// additional category in tree order.
fn additional(base: &str, audience: Audience, backend: DbBackend) -> SelectStatement {
    use product_category::Column::{CategoryId, ProductId};
    let column = |column| (base.to_owned(), column);
    let is_further = |link: &'static str| {
        let own = Expr::col((link, ProductId)).equals(column(Column::Id));
        own.and(Expr::col((link, CategoryId)).not_equals(column(Column::CategoryId)))
    };
    let path = (category::Entity, category::Column::Path);
    let mut window = WindowStatement::partition_by(column(Column::Id));
    window.order_by(path, Order::Asc);
    let mut query = Query::select()
        .expr_as(Expr::col(path), PATH)
        .expr_as(Expr::col((PRIMARY, category::Column::Path)), PRIMARY)
        .expr_window_as(Func::cust("lag").arg(Expr::col(path)), window, BEFORE)
        .from(base.to_owned())
        .take();
    if backend == DbBackend::Postgres {
        // PostgreSQL would read the whole table. `OFFSET 0` prevents it from flattening this subquery into a join.
        let own = Query::select()
            .column(CategoryId)
            .from_as(product_category::Entity, "links")
            .and_where(is_further("links"))
            .offset(0)
            .take();
        query.join_lateral(JoinType::InnerJoin, own, LINK, Expr::val(true));
    } else {
        let own = is_further(LINK);
        query.join_as(JoinType::InnerJoin, product_category::Entity, LINK, own);
    }
    let is_primary = Expr::col((PRIMARY, category::Column::Id)).equals(column(Column::CategoryId));
    query
        .join(
            JoinType::InnerJoin,
            category::Entity,
            is_category((LINK, CategoryId)),
        )
        .join_as(JoinType::InnerJoin, category::Entity, PRIMARY, is_primary);
    if audience == Audience::Public {
        query.and_where(Expr::col((category::Entity, category::Column::Visible)).eq(true));
    }
    query
}

fn is_category(id: impl IntoColumnRef) -> Expr {
    Expr::col((category::Entity, category::Column::Id)).equals(id)
}
