//! Strategies for the category condition of a list page. The fastest depends on the number of categories and of their
//! products, which the query planners do not know.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{Asterisk, Expr, Func, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::links_within;
use super::union::{number, numbered_union};
use crate::catalog::category::CategoryId;
use crate::catalog::category::repository::ids_within;
use crate::catalog::product::list::{List, Within};
use crate::core::viewer::Audience;

/// Number of products in a category from which scanning the list is faster than collecting them, for a page of 20 in
/// a shop of a million products: about the square root of 20 times a million.
const MANY: u64 = 4_000;
/// Maximum number of category IDs in a statement.
const NAMED: usize = 500;

/// The strategy for each category condition. Conditions without an entry use a subquery.
pub type Ways<'a> = HashMap<&'a Within, Way>;

/// Strategy for a category condition.
#[derive(Debug)]
pub enum Way {
    /// Checks each product in list order. For large categories, which fill a page after few products.
    Along,
    /// Checks for membership in these categories, descendants included.
    Among(Vec<CategoryId>),
}

/// Chooses the strategies for these lists with at most one statement. SQLite's planner does not know which categories
/// are large; PostgreSQL's does, except behind a join on paths.
pub async fn of<'a>(
    db: &impl ConnectionTrait,
    audience: Audience,
    lists: impl Iterator<Item = &'a List>,
) -> Result<Ways<'a>, DbErr> {
    let mut asked: Vec<_> = lists.flat_map(|list| &list.filter.within).collect();
    let mut seen = HashSet::new();
    asked.retain(|within| seen.insert(*within));
    if db.get_database_backend() == DbBackend::Sqlite {
        wide(db, audience, &asked).await
    } else {
        named(db, audience, &asked).await
    }
}

async fn named<'a>(
    db: &impl ConnectionTrait,
    audience: Audience,
    asked: &[&'a Within],
) -> Result<Ways<'a>, DbErr> {
    let ids = asked.iter().map(|within| {
        let mut ids = ids_within(audience, &within.categories, within.descendants);
        ids.limit(NAMED as u64 + 1).take()
    });
    let Some(query) = numbered_union(ids) else {
        return Ok(Ways::new());
    };
    let mut found: Vec<Vec<CategoryId>> = asked.iter().map(|_| Vec::new()).collect();
    for row in db.query_all(&query).await? {
        if let Some(ids) = found.get_mut(number(&row)?) {
            ids.push(row.try_get("", "id")?);
        }
    }
    let ways = asked.iter().copied().zip(found);
    let ways = ways.filter(|(_, ids)| ids.len() <= NAMED);
    Ok(ways
        .map(|(within, ids)| (within, Way::Among(ids)))
        .collect())
}

async fn wide<'a>(
    db: &impl ConnectionTrait,
    audience: Audience,
    asked: &[&'a Within],
) -> Result<Ways<'a>, DbErr> {
    const TOTAL: &str = "total";
    let counts = asked.iter().map(|within| {
        let links = links_within(audience, within).limit(MANY).take();
        Query::select()
            .expr_as(Func::count(Expr::col(Asterisk)), TOTAL)
            .from_subquery(links, "links")
            .take()
    });
    let Some(query) = numbered_union(counts) else {
        return Ok(Ways::new());
    };
    let mut wide = Ways::new();
    for row in db.query_all(&query).await? {
        let total: i64 = row.try_get("", TOTAL)?;
        if u64::try_from(total).is_ok_and(|total| total >= MANY) {
            let within = asked.get(number(&row)?);
            wide.extend(within.map(|within| (*within, Way::Along)));
        }
    }
    Ok(wide)
}
