//! Which categories hold so many products that a page of them is found sooner by walking along the order of the list than
//! by collecting them all. PostgreSQL's planner knows that by itself, SQLite's does not.

use std::collections::HashSet;

use sea_orm::sea_query::{Asterisk, Expr, Func, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::links_within;
use super::union::{number, numbered_union};
use crate::product::list::{List, Within};
use crate::viewer::Audience;

/// About where both ways take equally long in a shop of a million products: the square root of 20 times that.
const MANY: u64 = 4_000;

/// Those of the lists that are wide. One statement, or none.
pub async fn of<'a>(
    db: &impl ConnectionTrait,
    audience: Audience,
    lists: impl Iterator<Item = &'a List>,
) -> Result<HashSet<&'a Within>, DbErr> {
    const TOTAL: &str = "total";
    let mut asked: Vec<_> = lists.flat_map(|list| &list.filter.within).collect();
    if asked.is_empty() || db.get_database_backend() != DbBackend::Sqlite {
        return Ok(HashSet::new());
    }
    let mut seen = HashSet::new();
    asked.retain(|within| seen.insert(*within));
    let counts = asked.iter().map(|within| {
        let links = links_within(audience, within).limit(MANY).take();
        Query::select()
            .expr_as(Func::count(Expr::col(Asterisk)), TOTAL)
            .from_subquery(links, "links")
            .take()
    });
    let Some(query) = numbered_union(counts) else {
        return Ok(HashSet::new());
    };
    let mut wide = HashSet::new();
    for row in db.query_all(&query).await? {
        let total: i64 = row.try_get("", TOTAL)?;
        if u64::try_from(total).is_ok_and(|total| total >= MANY) {
            wide.extend(asked.get(number(&row)?));
        }
    }
    Ok(wide)
}
