//! Payments and refunds whose provider has to be asked again.

use sea_orm::sea_query::{LockBehavior, LockType, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use crate::core::clock::Timestamp;
use crate::infra::database::Transaction;

/// Returns rows that are due, and locks them. Those locked by other transactions are skipped.
pub(super) async fn lock<E: EntityTrait>(
    transaction: &Transaction,
    look_at: E::Column,
    now: Timestamp,
    count: u64,
) -> Result<Vec<E::Model>, DbErr> {
    E::find()
        .filter(look_at.lte(now))
        .order_by_asc(look_at)
        .limit(count)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(transaction)
        .await
}

/// Returns whether a row is due.
pub(super) async fn exists<E: EntityTrait>(
    db: &impl ConnectionTrait,
    look_at: E::Column,
    now: Timestamp,
) -> Result<bool, DbErr> {
    Ok(db.query_one(&query::<E>(look_at, now)).await?.is_some())
}

/// Returns a query that finds a row if one is due.
pub(super) fn query<E: EntityTrait>(look_at: E::Column, now: Timestamp) -> SelectStatement {
    let due = E::find().select_only().column(look_at);
    due.filter(look_at.lte(now)).limit(1).into_query()
}
