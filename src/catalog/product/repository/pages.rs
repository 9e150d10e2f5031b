//! Queries of list pages.

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Iterable, QuerySelect, QueryTrait, Select};

use super::order::{merge_cursor_into_filter, sort_column};
use super::union::{numbered_union, query_index};
use super::{category_strategies, filtered_by, search};
use crate::catalog::product::entity::{Column, Entity, Model};
use crate::catalog::product::list::{Detail, List, SortField};
use crate::catalog::search::index::RANK;
use crate::core::pagination::Ranked;
use crate::core::viewer::Audience;
use crate::infra::database::keyset;

/// Returns the rows of each page and one row more. Runs one statement for all lists; if any is sorted by relevance,
/// one per `search::LISTS_TOGETHER` lists, because those queries are long.
pub async fn list_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    lists: &[(List, Detail)],
) -> Result<Vec<Vec<Ranked<Model>>>, DbErr> {
    let is_ranked = |(list, _): &(List, Detail)| list.sort.field == SortField::Relevance;
    let together = if lists.iter().any(is_ranked) {
        search::LISTS_TOGETHER
    } else {
        lists.len().max(1)
    };
    let mut found = Vec::with_capacity(lists.len());
    for lists in lists.chunks(together) {
        found.extend(list_together(db, audience, lists).await?);
    }
    Ok(found)
}

async fn list_together(
    db: &impl ConnectionTrait,
    audience: Audience,
    lists: &[(List, Detail)],
) -> Result<Vec<Vec<Ranked<Model>>>, DbErr> {
    let backend = db.get_database_backend();
    let category_strategies =
        category_strategies::of(db, audience, lists.iter().map(|(list, _)| list)).await?;
    let pages = lists.iter().map(|(list, detail)| {
        let (filter, paging) = merge_cursor_into_filter(list);
        let Some(column) = sort_column(list.sort.field) else {
            return search::ranked(backend, audience, (list, *detail), &category_strategies);
        };
        let select = filtered_by(backend, audience, &filter, &category_strategies);
        let mut select = select_columns(select, *detail).expr_as(Expr::val(0_i64), RANK);
        keyset::apply(
            QuerySelect::query(&mut select),
            (Entity, column),
            (Entity, Column::Id),
            list.sort.direction,
            &paging,
        );
        select.into_query()
    });
    let Some(query) = numbered_union(pages) else {
        return Ok(Vec::new());
    };
    let mut found: Vec<Vec<_>> = lists.iter().map(|_| Vec::new()).collect();
    for row in db.query_all(&query).await? {
        if let Some(rows) = found.get_mut(query_index(&row)?) {
            rows.push(Ranked {
                rank: row.try_get("", RANK)?,
                row: Model::from_query_result(&row, "")?,
            });
        }
    }
    Ok(found)
}

/// Selects the columns for `detail`. An omitted column is selected as an empty value, because united queries need the
/// same columns.
pub(super) fn select_columns(select: Select<Entity>, detail: Detail) -> Select<Entity> {
    if detail == Detail::Full {
        return select;
    }
    let columns = Column::iter();
    columns.fold(select.select_only(), |select, column| match column {
        Column::Description => select.expr_as(Expr::cust("''"), column),
        column => select.column(column),
    })
}
