//! Queries on orders and their details.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use crate::core::pagination::Total;
use crate::core::viewer::UserId;
use crate::infra::database::{count as counting, keyset};
use crate::sales::order::entity::{Column, Entity, Model, OrderId, detail, line};
use crate::sales::order::own_list::OwnList;

/// Returns the orders of `ids`, in no particular order.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[OrderId]) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Returns the lines of an order, in their order.
pub async fn lines_of(
    db: &impl ConnectionTrait,
    order: OrderId,
) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::OrderId.eq(order))
        .order_by_asc(line::Column::Position)
        .all(db)
        .await
}

/// Returns the lines of orders, in their order.
pub async fn lines_of_orders(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(line::Column::OrderId)
        .order_by_asc(line::Column::Position)
        .all(db)
        .await
}

/// Returns the taxes of orders, in their order.
pub async fn taxes_of(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<Vec<detail::tax::Model>, DbErr> {
    detail::tax::Entity::find()
        .filter(detail::tax::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(detail::tax::Column::OrderId)
        .order_by_asc(detail::tax::Column::Position)
        .all(db)
        .await
}

/// Returns the discounts of orders, in their order.
pub async fn discounts_of(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<Vec<detail::discount::Model>, DbErr> {
    detail::discount::Entity::find()
        .filter(detail::discount::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(detail::discount::Column::OrderId)
        .order_by_asc(detail::discount::Column::Position)
        .all(db)
        .await
}

/// Returns the rows of one page of the orders of a user, and one row more.
pub async fn list_own(db: &impl ConnectionTrait, list: &OwnList) -> Result<Vec<Model>, DbErr> {
    let mut select = of_user(list.filter.0);
    keyset::apply(
        QuerySelect::query(&mut select),
        (Entity, Column::PlacedAt),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    select.all(db).await
}

/// Counts the orders of a user.
pub async fn count_own(db: &impl ConnectionTrait, user: UserId) -> Result<Total, DbErr> {
    counting::total(db, of_user(user).into_query()).await
}

fn of_user(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user))
}
