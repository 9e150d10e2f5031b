//! How a page of a list asks whether products are in its categories: what is quickest depends on how many those are and hold,
//! which the planners don't know.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{Asterisk, Expr, Func, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::links_within;
use super::union::{number, numbered_union};
use crate::catalog::category::CategoryId;
use crate::catalog::category::repository::ids_within;
use crate::catalog::product::list::{List, Within};
use crate::core::viewer::Audience;

/// How many products are about where collecting them takes as long as walking past others, in a shop of a million: the
/// square root of 20 times that.
const MANY: u64 = 4_000;
/// How many categories are named in a statement at the most.
const NAMED: usize = 500;

/// How to ask for the categories of lists. What is not here is asked for by a subquery.
pub type Ways<'a> = HashMap<&'a Within, Way>;

/// How to ask whether a product is in some categories.
#[derive(Debug)]
pub enum Way {
    /// Product by product, along the order of the list: they hold so many that a page of them is found soon.
    Along,
    /// Whether it is in one of these: the categories themselves and those below them.
    Among(Vec<CategoryId>),
}

/// The ways for these lists. One statement, or none. SQLite's planner does not know which categories hold much of the shop;
/// PostgreSQL's does, unless they stand behind a join of paths.
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
