//! Statements on the lines of orders for refunds.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::infra::database::Transaction;
use crate::sales::order::entity::line::{Column, Entity};
use crate::sales::order::entity::{self, OrderId};
use crate::sales::order_id::OrderLineId;

/// Counts units of a line that were returned.
pub async fn add_returned(
    transaction: &Transaction,
    line: OrderLineId,
    units: i32,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Returned, Expr::col(Column::Returned).add(units))
        .filter(Column::Id.eq(line))
        .exec(transaction)
        .await
        .map(drop)
}

/// Finds orders by id. Unknown ids are omitted.
pub async fn find_many(
    db: &impl ConnectionTrait,
    ids: &[OrderId],
) -> Result<Vec<entity::Model>, DbErr> {
    let found = entity::Entity::find().filter(entity::Column::Id.is_in(ids.iter().copied()));
    found.all(db).await
}
