//! Statements on `refunds` and `refund_lines`.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::due;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;
use crate::infra::database::{DueCondition, Transaction};
use crate::sales::order_id::OrderId;
use crate::sales::payment::entity::refund::{Column, Entity, Model, RefundId, line};

pub async fn insert(
    transaction: &Transaction,
    refund: Model,
    lines: Vec<line::Model>,
) -> Result<(), DbErr> {
    let insert = Entity::insert(refund.into_active_model());
    insert.exec_without_returning(transaction).await?;
    insert_all(transaction, lines).await
}

/// Updates all columns of a locked refund.
pub async fn update(transaction: &Transaction, refund: Model) -> Result<(), DbErr> {
    let row = refund.into_active_model().reset_all();
    row.update(transaction).await.map(drop)
}

pub async fn find(db: &impl ConnectionTrait, id: RefundId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Finds a refund and locks it until the transaction ends. The caller must have locked its order.
pub async fn lock(transaction: &Transaction, id: RefundId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .lock_exclusive()
        .one(transaction)
        .await
}

/// Returns the refunds of orders, the oldest first.
pub async fn of_orders(db: &impl ConnectionTrait, orders: &[OrderId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Returns the lines of refunds.
pub async fn lines_of(
    db: &impl ConnectionTrait,
    refunds: &[RefundId],
) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::RefundId.is_in(refunds.iter().copied()))
        .order_by_asc(line::Column::LineId)
        .all(db)
        .await
}

/// Returns refunds that are due, and locks them. Those locked by other transactions are skipped.
pub async fn lock_due(
    transaction: &Transaction,
    now: Timestamp,
    count: u64,
) -> Result<Vec<Model>, DbErr> {
    due::lock::<Entity>(transaction, Column::LookAt, now, count).await
}

/// Returns whether a refund is due.
pub async fn is_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbErr> {
    due::exists::<Entity>(db, Column::LookAt, now).await
}

/// Returns the condition that a refund is due.
pub fn due_condition(now: Timestamp) -> DueCondition {
    DueCondition::exists(due::query::<Entity>(Column::LookAt, now))
}
