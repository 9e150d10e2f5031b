//! Queries for the emails about an order.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::sales::order::entity::detail::{discount, tax};
use crate::sales::order::entity::fulfillment::{self, FulfillmentId};
use crate::sales::order::entity::{Column, Entity, Model, OrderId, line};
use crate::sales::payment::entity::refund::{self, RefundId};
use crate::sales::payment::entity::{self as payment, Provider};

/// Finds the order of this number.
pub async fn find_by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<Option<Model>, DbErr> {
    let order = Entity::find().filter(Column::Number.eq(number));
    order.one(db).await
}

/// Lists the lines of an order.
pub async fn lines(db: &impl ConnectionTrait, order: OrderId) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::OrderId.eq(order))
        .order_by_asc(line::Column::Position)
        .all(db)
        .await
}

/// Lists the taxes of an order.
pub async fn taxes(db: &impl ConnectionTrait, order: OrderId) -> Result<Vec<tax::Model>, DbErr> {
    tax::Entity::find()
        .filter(tax::Column::OrderId.eq(order))
        .order_by_asc(tax::Column::Position)
        .all(db)
        .await
}

/// Lists the discounts of an order.
pub async fn discounts(
    db: &impl ConnectionTrait,
    order: OrderId,
) -> Result<Vec<discount::Model>, DbErr> {
    discount::Entity::find()
        .filter(discount::Column::OrderId.eq(order))
        .order_by_asc(discount::Column::Position)
        .all(db)
        .await
}

/// Returns whether a payment of the order is on account.
pub async fn is_on_account(db: &impl ConnectionTrait, order: OrderId) -> Result<bool, DbErr> {
    let manual = payment::Entity::find()
        .filter(payment::Column::OrderId.eq(order))
        .filter(payment::Column::Provider.eq(Provider::Manual));
    Ok(manual.one(db).await?.is_some())
}

/// Finds a fulfillment with its lines.
pub async fn fulfillment(
    db: &impl ConnectionTrait,
    id: FulfillmentId,
) -> Result<Option<(fulfillment::Model, Vec<fulfillment::line::Model>)>, DbErr> {
    let Some(found) = fulfillment::Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let lines = fulfillment::line::Entity::find()
        .filter(fulfillment::line::Column::FulfillmentId.eq(id))
        .all(db)
        .await?;
    Ok(Some((found, lines)))
}

/// Finds a refund with its lines.
pub async fn refund(
    db: &impl ConnectionTrait,
    id: RefundId,
) -> Result<Option<(refund::Model, Vec<refund::line::Model>)>, DbErr> {
    let Some(found) = refund::Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let lines = refund::line::Entity::find()
        .filter(refund::line::Column::RefundId.eq(id))
        .all(db)
        .await?;
    Ok(Some((found, lines)))
}
