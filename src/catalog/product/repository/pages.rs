//! Queries of list pages.

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Iterable, QuerySelect, QueryTrait, Select, Statement,
};

use super::category_strategies::CategoryStrategies;
use super::order::{merge_cursor_into_filter, sort_column};
use super::row::{beneath, read_row};
use super::{category_strategies, filtered_by, positions, search};
use crate::catalog::product::entity::{Column, Entity};
use crate::catalog::product::list::{Columns, Filter, List, ListedProduct, Selection, SortField};
use crate::catalog::search::index::RANK;
use crate::core::pagination::{Paging, Ranked};
use crate::core::viewer::Audience;
use crate::infra::database::keyset;
use crate::infra::database::union::{NUMBER, numbered_union_with};

type RankedProduct = Ranked<ListedProduct>;

/// Returns the rows of each page and at least one row more. Runs one statement for all lists; if any is sorted by
/// relevance, one per `search::LISTS_TOGETHER` lists, because those queries are long.
pub async fn list_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    lists: &[(List, Selection)],
) -> Result<Vec<Vec<RankedProduct>>, DbErr> {
    let selection = merge_selections(lists);
    if let [(list, _)] = lists
        && let Some(statement) = unfiltered(db.get_database_backend(), audience, list, selection)
    {
        return read_pages(db, statement, selection, 1).await;
    }
    let is_ranked = |(list, _): &(List, Selection)| list.sort.field == SortField::Relevance;
    let together = if lists.iter().any(is_ranked) {
        search::LISTS_TOGETHER
    } else {
        lists.len().max(1)
    };
    let mut found = Vec::with_capacity(lists.len());
    for lists in lists.chunks(together) {
        found.extend(list_together(db, audience, lists, selection).await?);
    }
    Ok(found)
}

/// Returns everything that one of the lists reads: united queries need the same columns.
fn merge_selections(lists: &[(List, Selection)]) -> Selection {
    let selections = lists.iter().map(|(list, selection)| {
        let mut selection = *selection;
        selection.columns.insert(Column::Id);
        if let Some(column) = sort_column(list.sort.field) {
            selection.columns.insert(column);
        }
        if selection.category {
            selection.columns.insert(Column::CategoryId);
        }
        selection
    });
    selections.reduce(Selection::merge).unwrap_or_default()
}

/// Returns the statement of a page of a list without a filter, and `None` for other lists. Its limit is part of the
/// text: PostgreSQL then reuses one plan for all pages, where it would plan each again for an unknown limit. With a
/// filter the best plan depends on its values.
fn unfiltered(
    backend: DbBackend,
    audience: Audience,
    list: &List,
    selection: Selection,
) -> Option<Statement> {
    let column = sort_column(list.sort.field).filter(|_| list.filter == Filter::default())?;
    let select = filtered_by(backend, audience, &list.filter, &CategoryStrategies::new());
    let mut select = select.select_only().expr_as(Expr::cust("0"), NUMBER);
    select = select_columns(select, selection.columns);
    let mut select = select
        .expr_as(Expr::cust("CAST(0 AS bigint)"), RANK)
        .into_query();
    select.exprs(beneath(backend, selection, "products"));
    apply_keyset(&mut select, column, (list, &list.paging));
    select.reset_limit();
    let statement = backend.build(&select);
    let limit = keyset::rounded_limit(&list.paging);
    Some(Statement {
        sql: format!("{} LIMIT {limit}", statement.sql),
        ..statement
    })
}

async fn list_together(
    db: &impl ConnectionTrait,
    audience: Audience,
    lists: &[(List, Selection)],
    selection: Selection,
) -> Result<Vec<Vec<RankedProduct>>, DbErr> {
    let backend = db.get_database_backend();
    let category_strategies =
        category_strategies::of(db, audience, lists.iter().map(|(list, _)| list)).await?;
    let pages = lists.iter().map(|(list, _)| {
        let (filter, paging) = merge_cursor_into_filter(list);
        let Some(column) = sort_column(list.sort.field) else {
            let list = (list, selection.columns);
            return match list.0.sort.field {
                SortField::Position => {
                    positions::page(backend, audience, list, &category_strategies)
                }
                _ => search::ranked(backend, audience, list, &category_strategies),
            };
        };
        let select = filtered_by(backend, audience, &filter, &category_strategies);
        let select = select_columns(select.select_only(), selection.columns);
        let mut select = select.expr_as(Expr::val(0_i64), RANK).into_query();
        apply_keyset(&mut select, column, (list, &paging));
        select
    });
    let beneath = beneath(backend, selection, "page");
    let Some(query) = numbered_union_with(pages, &beneath) else {
        return Ok(Vec::new());
    };
    read_pages(db, backend.build(&query), selection, lists.len()).await
}

fn apply_keyset(select: &mut SelectStatement, column: Column, (list, paging): (&List, &Paging)) {
    let (key, id) = ((Entity, column), (Entity, Column::Id));
    keyset::apply(select, key, id, list.sort.direction, paging);
}

async fn read_pages(
    db: &impl ConnectionTrait,
    statement: Statement,
    selection: Selection,
    pages: usize,
) -> Result<Vec<Vec<RankedProduct>>, DbErr> {
    let mut found: Vec<Vec<_>> = (0..pages).map(|_| Vec::new()).collect();
    for row in db.query_all_raw(statement).await? {
        let (index, product) = read_row(&row, selection)?;
        if let Some(rows) = found.get_mut(index) {
            rows.push(product);
        }
    }
    Ok(found)
}

/// Selects these columns, in the order of [`Column`].
pub(super) fn select_columns(select: Select<Entity>, columns: Columns) -> Select<Entity> {
    let selected = Column::iter().filter(|column| columns.contains(*column));
    select.columns(selected)
}
