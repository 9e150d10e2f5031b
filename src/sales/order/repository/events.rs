//! Timelines of orders.

use sea_orm::sea_query::{Asterisk, Expr, Func, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait, Select,
};

use crate::infra::database::keyset;
use crate::infra::database::union::{numbered_union, query_index};
use crate::sales::order::entity::event::{Column, Entity, Model};
use crate::sales::order::list::{Timeline, TimelineFilter};
use crate::sales::order_id::OrderId;

/// Returns the events of each page and one event more, in one statement.
pub async fn timelines(
    db: &impl ConnectionTrait,
    pages: &[Timeline],
) -> Result<Vec<Vec<Model>>, DbErr> {
    let mut found = vec![Vec::new(); pages.len()];
    let Some(query) = numbered_union(pages.iter().map(page)) else {
        return Ok(found);
    };
    for row in db.query_all(&query).await? {
        if let Some(page) = found.get_mut(query_index(&row)?) {
            page.push(Model::from_query_result(&row, "")?);
        }
    }
    Ok(found)
}

/// Returns the number of events of orders.
pub async fn count(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
    only_public: bool,
) -> Result<Vec<(OrderId, i64)>, DbErr> {
    let mut select = Entity::find().filter(Column::OrderId.is_in(orders.iter().copied()));
    if only_public {
        select = select.filter(Column::Public.eq(true));
    }
    select
        .select_only()
        .column(Column::OrderId)
        .expr(Func::count(Expr::col(Asterisk)))
        .group_by(Column::OrderId)
        .into_tuple()
        .all(db)
        .await
}

fn page(list: &Timeline) -> SelectStatement {
    let mut query = of_order(&list.filter).into_query();
    keyset::apply(
        &mut query,
        (Entity, Column::At),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    query
}

fn of_order(filter: &TimelineFilter) -> Select<Entity> {
    let select = Entity::find().filter(Column::OrderId.eq(filter.order));
    if filter.only_public {
        select.filter(Column::Public.eq(true))
    } else {
        select
    }
}
