//! Statements on `payments` and `payment_entries`.

mod due;
pub mod refunds;
pub mod stripe_events;
pub mod test_provider;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{Column, Entity, Model, PaymentId, Status, entry};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;
use crate::infra::database::update::update_row;
use crate::infra::database::{DueCondition, Transaction};
use crate::sales::order_id::OrderId;

/// The statuses that do not change any more.
const FINAL: [Status; 2] = [Status::Captured, Status::Canceled];

pub async fn insert(transaction: &Transaction, payment: Model) -> Result<(), DbErr> {
    let insert = Entity::insert(payment.into_active_model());
    insert.exec_without_returning(transaction).await.map(drop)
}

/// Updates all columns of a locked payment.
pub async fn update(transaction: &Transaction, payment: Model) -> Result<(), DbErr> {
    let row = payment.into_active_model().reset_all();
    update_row(transaction, row).await
}

pub async fn find(db: &impl ConnectionTrait, id: PaymentId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Finds payments by id. Unknown ids are omitted.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[PaymentId]) -> Result<Vec<Model>, DbErr> {
    let found = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    found.all(db).await
}

/// Finds a payment and locks it until the transaction ends. The caller must have locked its order.
pub async fn lock(transaction: &Transaction, id: PaymentId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .lock_exclusive()
        .one(transaction)
        .await
}

/// Returns the payments of orders, the oldest first.
pub async fn of_orders(db: &impl ConnectionTrait, orders: &[OrderId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Finds the payment of an order that is not final, and locks it until the transaction ends.
pub async fn lock_open(transaction: &Transaction, order: OrderId) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrderId.eq(order))
        .filter(Column::Status.is_not_in(FINAL))
        .lock_exclusive()
        .one(transaction)
        .await
}

/// Returns payments that are due, and locks them. Those locked by other transactions are skipped.
pub async fn lock_due(
    transaction: &Transaction,
    now: Timestamp,
    count: u64,
) -> Result<Vec<Model>, DbErr> {
    due::lock::<Entity>(transaction, Column::LookAt, now, count).await
}

/// Returns whether a payment is due.
pub async fn is_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbErr> {
    due::exists::<Entity>(db, Column::LookAt, now).await
}

/// Returns the condition that a payment is due.
pub fn due_condition(now: Timestamp) -> DueCondition {
    DueCondition::exists(due::query::<Entity>(Column::LookAt, now))
}

/// Inserts an entry of the ledger, unless it is entered. Returns whether it was inserted.
pub async fn insert_entry(transaction: &Transaction, row: entry::Model) -> Result<bool, DbErr> {
    let entered = OnConflict::columns([entry::Column::PaymentId, entry::Column::ProviderKey])
        .do_nothing()
        .to_owned();
    insert_or(transaction, row, &entered).await
}

/// Returns the ledger of payments, the oldest entry first.
pub async fn entries_of(
    db: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<Vec<entry::Model>, DbErr> {
    entry::Entity::find()
        .filter(entry::Column::PaymentId.is_in(payments.iter().copied()))
        .order_by_asc(entry::Column::Id)
        .all(db)
        .await
}
