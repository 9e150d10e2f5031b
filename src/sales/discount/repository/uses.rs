//! Statements on the uses of discounts.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::infra::database::Transaction;
use crate::sales::discount::entity::{Column, DiscountId, Entity, usage};

/// Returns how often a customer has used each of these discounts. Unused ones are omitted.
pub async fn uses_by(
    db: &impl ConnectionTrait,
    discounts: &[DiscountId],
    customer_key: &str,
) -> Result<HashMap<DiscountId, i64>, DbErr> {
    let counts: Vec<(DiscountId, i64)> = usage::Entity::find()
        .select_only()
        .column(usage::Column::DiscountId)
        .column_as(usage::Column::Id.count(), "uses")
        .filter(usage::Column::DiscountId.is_in(discounts.iter().copied()))
        .filter(usage::Column::CustomerKey.eq(customer_key))
        .group_by(usage::Column::DiscountId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts.into_iter().collect())
}

/// Counts one more use of a discount, unless its limit is reached. Returns whether it was counted. Until the transaction
/// ends, others that count a use of it wait.
pub async fn count_use(transaction: &Transaction, discount: DiscountId) -> Result<bool, DbErr> {
    let below_limit = Column::UsageLimit
        .is_null()
        .or(Expr::col(Column::Used).lt(Expr::col(Column::UsageLimit)));
    let updated = Entity::update_many()
        .col_expr(Column::Used, Expr::col(Column::Used).add(1))
        .filter(Column::Id.eq(discount))
        .filter(below_limit)
        .exec(transaction)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Counts one use of a discount less.
pub async fn uncount_use(transaction: &Transaction, discount: DiscountId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Used, Expr::col(Column::Used).sub(1))
        .filter(Column::Id.eq(discount))
        .exec(transaction)
        .await
        .map(drop)
}

pub async fn insert_use(transaction: &Transaction, used: usage::Model) -> Result<(), DbErr> {
    let insert = usage::Entity::insert(used.into_active_model());
    insert.exec_without_returning(transaction).await.map(drop)
}

/// Returns the discounts that an order uses, by id.
pub async fn used_by_order(
    transaction: &Transaction,
    order: Uuid,
) -> Result<Vec<DiscountId>, DbErr> {
    usage::Entity::find()
        .select_only()
        .column(usage::Column::DiscountId)
        .filter(usage::Column::OrderId.eq(order))
        .order_by_asc(usage::Column::DiscountId)
        .into_tuple()
        .all(transaction)
        .await
}

/// Deletes the use of a discount by an order. Returns whether there was one.
pub async fn delete_use(
    transaction: &Transaction,
    order: Uuid,
    discount: DiscountId,
) -> Result<bool, DbErr> {
    let deleted = usage::Entity::delete_many()
        .filter(usage::Column::OrderId.eq(order))
        .filter(usage::Column::DiscountId.eq(discount))
        .exec(transaction)
        .await?;
    Ok(deleted.rows_affected > 0)
}

/// Removes the customers from the uses of these orders.
pub async fn forget_customers(transaction: &Transaction, orders: &[Uuid]) -> Result<(), DbErr> {
    usage::Entity::update_many()
        .col_expr(usage::Column::CustomerKey, Expr::value(""))
        .filter(usage::Column::OrderId.is_in(orders.iter().copied()))
        .exec(transaction)
        .await
        .map(drop)
}
