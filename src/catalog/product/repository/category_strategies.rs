//! Strategies for the category condition of a list page. The fastest depends on the number of categories and of their
//! products, which the query planners do not know.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{Asterisk, Expr, Func, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::links_within;
use crate::catalog::category::CategoryId;
use crate::catalog::category::repository::ids_within;
use crate::catalog::product::list::{CategoryCondition, List};
use crate::core::viewer::Audience;
use crate::infra::database::union::{numbered_union, query_index};

/// Number of products in a category from which scanning the list is faster than collecting them, for a page of 20 in
/// a shop of a million products: about the square root of 20 times a million.
const LARGE_CATEGORY: u64 = 4_000;
/// Maximum number of category IDs in a statement.
const MAX_NAMED_CATEGORIES: usize = 500;

/// The strategy for each category condition. Conditions without an entry use a subquery.
pub type CategoryStrategies<'a> = HashMap<&'a CategoryCondition, CategoryStrategy>;

/// Strategy for a category condition.
#[derive(Debug)]
pub enum CategoryStrategy {
    /// Checks each product in list order. For large categories, which fill a page after few products.
    ScanList,
    /// Checks for membership in these categories, descendants included.
    CategoryIds(Vec<CategoryId>),
}

/// Chooses the strategies for these lists with at most one statement. SQLite's planner does not know which categories
/// are large; PostgreSQL's does, except behind a join on paths.
pub async fn of<'a>(
    db: &impl ConnectionTrait,
    audience: Audience,
    lists: impl Iterator<Item = &'a List>,
) -> Result<CategoryStrategies<'a>, DbErr> {
    let mut conditions: Vec<_> = lists.flat_map(|list| &list.filter.within).collect();
    let mut seen = HashSet::new();
    conditions.retain(|within| seen.insert(*within));
    if db.get_database_backend() == DbBackend::Sqlite {
        sqlite_strategies(db, audience, &conditions).await
    } else {
        postgres_strategies(db, audience, &conditions).await
    }
}

async fn postgres_strategies<'a>(
    db: &impl ConnectionTrait,
    audience: Audience,
    conditions: &[&'a CategoryCondition],
) -> Result<CategoryStrategies<'a>, DbErr> {
    let ids = conditions.iter().map(|within| {
        let mut ids = ids_within(audience, &within.categories, within.descendants);
        ids.limit(MAX_NAMED_CATEGORIES as u64 + 1).take()
    });
    let Some(query) = numbered_union(ids) else {
        return Ok(CategoryStrategies::new());
    };
    let mut found: Vec<Vec<CategoryId>> = conditions.iter().map(|_| Vec::new()).collect();
    for row in db.query_all(&query).await? {
        if let Some(ids) = found.get_mut(query_index(&row)?) {
            ids.push(row.try_get("", "id")?);
        }
    }
    let category_strategies = conditions.iter().copied().zip(found);
    let category_strategies =
        category_strategies.filter(|(_, ids)| ids.len() <= MAX_NAMED_CATEGORIES);
    Ok(category_strategies
        .map(|(within, ids)| (within, CategoryStrategy::CategoryIds(ids)))
        .collect())
}

async fn sqlite_strategies<'a>(
    db: &impl ConnectionTrait,
    audience: Audience,
    conditions: &[&'a CategoryCondition],
) -> Result<CategoryStrategies<'a>, DbErr> {
    const TOTAL: &str = "total";
    let counts = conditions.iter().map(|within| {
        let links = links_within(audience, within).limit(LARGE_CATEGORY).take();
        Query::select()
            .expr_as(Func::count(Expr::col(Asterisk)), TOTAL)
            .from_subquery(links, "links")
            .take()
    });
    let Some(query) = numbered_union(counts) else {
        return Ok(CategoryStrategies::new());
    };
    let mut sqlite_strategies = CategoryStrategies::new();
    for row in db.query_all(&query).await? {
        let total: i64 = row.try_get("", TOTAL)?;
        if u64::try_from(total).is_ok_and(|total| total >= LARGE_CATEGORY) {
            let within = conditions.get(query_index(&row)?);
            sqlite_strategies.extend(within.map(|within| (*within, CategoryStrategy::ScanList)));
        }
    }
    Ok(sqlite_strategies)
}
