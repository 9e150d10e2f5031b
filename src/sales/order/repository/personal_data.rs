//! Statements that erase the personal data of orders.

use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::core::clock::Timestamp;
use crate::infra::database::Transaction;
use crate::sales::order::entity::{Column, Entity, OrderId, Status, event};

/// Locks the orders that were placed before this time, are not open, and contain personal data: at most `max`, without
/// those that another transaction has locked.
pub async fn lock_expired(
    transaction: &Transaction,
    before: Timestamp,
    max: u64,
) -> Result<Vec<OrderId>, DbErr> {
    let has_personal_data = Condition::any()
        .add(Column::Email.ne(""))
        .add(Column::EmailKey.ne(""))
        .add(Column::NameKey.ne(""))
        .add(Column::Phone.is_not_null())
        .add(Column::Note.is_not_null())
        .add(Column::ShippingAddress.is_not_null())
        .add(Column::BillingAddress.is_not_null());
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PlacedAt.lt(before))
        .filter(Column::Status.is_in([Status::Confirmed, Status::Canceled, Status::Expired]))
        .filter(has_personal_data)
        .order_by_asc(Column::PlacedAt)
        .limit(max)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(transaction)
        .await
}

/// Erases the personal data of these orders and of their events.
pub async fn erase(transaction: &Transaction, orders: &[OrderId]) -> Result<(), DbErr> {
    let nothing = || Expr::value(Option::<String>::None);
    let ids = || orders.iter().copied();
    Entity::update_many()
        .col_expr(Column::Email, Expr::value(""))
        .col_expr(Column::EmailKey, Expr::value(""))
        .col_expr(Column::NameKey, Expr::value(""))
        .col_expr(Column::Phone, nothing())
        .col_expr(Column::Note, nothing())
        .col_expr(Column::ShippingAddress, nothing())
        .col_expr(Column::BillingAddress, nothing())
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.is_in(ids()))
        .exec(transaction)
        .await?;
    event::Entity::update_many()
        .col_expr(event::Column::OldAddress, nothing())
        .filter(event::Column::OrderId.is_in(ids()))
        .filter(event::Column::OldAddress.is_not_null())
        .exec(transaction)
        .await?;
    Ok(())
}
