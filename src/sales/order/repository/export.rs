//! Reading all orders in batches.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::sales::order::entity::{Column, Entity, Model, OrderId, detail, line};

/// Returns the orders after `last`, oldest first.
pub async fn page_after(
    db: &impl ConnectionTrait,
    last: Option<OrderId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(last) = last {
        select = select.filter(Column::Id.gt(last));
    }
    select.all(db).await
}

/// Returns the lines of orders, those of each order in their order.
pub async fn lines(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(line::Column::Position)
        .all(db)
        .await
}

/// Returns the discounts of orders, those of each order in their order.
pub async fn discounts(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<Vec<detail::discount::Model>, DbErr> {
    detail::discount::Entity::find()
        .filter(detail::discount::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(detail::discount::Column::Position)
        .all(db)
        .await
}
