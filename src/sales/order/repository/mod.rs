//! Statements on orders and their details.

pub mod emails;
pub mod events;
pub mod export;
pub mod fulfillments;
pub mod list;
pub mod payments;
pub mod personal_data;
mod place;
mod popularity;
mod queries;

pub use place::*;
pub use popularity::units_since;
pub use queries::*;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QuerySelect,
};

use super::entity::{ActiveModel, Column, Entity, Model, OrderId, event};
use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_all;
use crate::infra::database::update::update_row;

/// Finds an order.
pub async fn find(db: &impl ConnectionTrait, id: OrderId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Finds an order and locks it until the transaction ends.
pub async fn lock(transaction: &Transaction, id: OrderId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id)
        .lock_exclusive()
        .one(transaction)
        .await
}

/// The columns that may change: those that a trigger does not protect.
const CHANGEABLE: [Column; 27] = [
    Column::Number,
    Column::UserId,
    Column::TokenHash,
    Column::Email,
    Column::EmailKey,
    Column::NameKey,
    Column::Phone,
    Column::Note,
    Column::Status,
    Column::ClosingAs,
    Column::HeldUntil,
    Column::PaymentStatus,
    Column::FulfillmentStatus,
    Column::Disputed,
    Column::Authorized,
    Column::Captured,
    Column::Refunded,
    Column::RefundPending,
    Column::ShippingAddress,
    Column::BillingAddress,
    Column::Country,
    Column::Version,
    Column::PayUntil,
    Column::ConfirmedAt,
    Column::ClosedAt,
    Column::UpdatedAt,
    Column::Locale,
];

/// Updates the columns of a locked order that may change.
pub async fn update(transaction: &Transaction, order: Model) -> Result<(), DbErr> {
    let mut row: ActiveModel = order.into_active_model();
    for column in CHANGEABLE {
        row.reset(column);
    }
    update_row(transaction, row).await
}

/// Inserts events.
pub async fn insert_events(
    transaction: &Transaction,
    events: Vec<event::Model>,
) -> Result<(), DbErr> {
    insert_all(transaction, events).await
}
