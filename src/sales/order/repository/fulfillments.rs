//! Statements on `fulfillments` and `fulfillment_lines`, and on the counts of units in `order_lines`.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};

use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_all;
use crate::sales::order::entity::fulfillment::{
    Column, Entity, FulfillmentId, Model, line as part,
};
use crate::sales::order::entity::line;
use crate::sales::order_id::{OrderId, OrderLineId};

/// A count of units of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    Canceled,
    Fulfilled,
}

/// Returns lines by id, in no order.
pub async fn lines(
    db: &impl ConnectionTrait,
    ids: &[OrderLineId],
) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
}

/// Adds to a count of units of lines of a locked order. Each line occurs once.
pub async fn add_units(
    transaction: &Transaction,
    count: Units,
    changes: &[(OrderLineId, i32)],
) -> Result<(), DbErr> {
    let column = match count {
        Units::Canceled => line::Column::Canceled,
        Units::Fulfilled => line::Column::Fulfilled,
    };
    let mut added = CaseStatement::new();
    for (id, units) in changes {
        added = added.case(line::Column::Id.eq(*id), *units);
    }
    line::Entity::update_many()
        .col_expr(column, Expr::col(column).add(added.finally(0)))
        .filter(line::Column::Id.is_in(changes.iter().map(|(id, _)| *id)))
        .exec(transaction)
        .await
        .map(drop)
}

/// Finds a fulfillment.
pub async fn find(db: &impl ConnectionTrait, id: FulfillmentId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Inserts a fulfillment with its lines.
pub async fn insert(
    transaction: &Transaction,
    fulfillment: Model,
    lines: Vec<part::Model>,
) -> Result<(), DbErr> {
    let insert = Entity::insert(fulfillment.into_active_model());
    insert.exec_without_returning(transaction).await?;
    insert_all(transaction, lines).await
}

/// Updates all columns of a fulfillment.
pub async fn update(transaction: &Transaction, fulfillment: Model) -> Result<(), DbErr> {
    let row = fulfillment.into_active_model().reset_all();
    row.update(transaction).await.map(drop)
}

/// Returns the fulfillments of orders, oldest first.
pub async fn of_orders(db: &impl ConnectionTrait, orders: &[OrderId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Returns fulfillments by id, in no order.
pub async fn find_many(
    db: &impl ConnectionTrait,
    ids: &[FulfillmentId],
) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Returns the lines of fulfillments, in no order.
pub async fn parts_of(
    db: &impl ConnectionTrait,
    fulfillments: &[FulfillmentId],
) -> Result<Vec<part::Model>, DbErr> {
    part::Entity::find()
        .filter(part::Column::FulfillmentId.is_in(fulfillments.iter().copied()))
        .all(db)
        .await
}
