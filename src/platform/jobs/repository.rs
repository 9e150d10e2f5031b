//! The queries on `outbox`.

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entity::{Column, Entity, Kind, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;

/// Writes something down.
pub async fn insert_many(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    insert_all(db, rows).await
}

/// How much there is to be done, and how much of it was begun before.
pub async fn count(db: &impl ConnectionTrait) -> Result<(u64, u64), DbErr> {
    let waiting = Entity::find().count(db).await?;
    let tried = Entity::find().filter(Column::Attempts.gt(0));
    Ok((waiting, tried.count(db).await?))
}

/// Whether something of these kinds is due.
pub async fn is_due(
    db: &impl ConnectionTrait,
    kinds: &[Kind],
    now: Timestamp,
) -> Result<bool, DbErr> {
    let due = Entity::find()
        .filter(Column::DueAt.lte(now))
        .filter(Column::Kind.is_in(kinds.iter().copied()));
    Ok(due.one(db).await?.is_some())
}

/// Removes the letters that are due and for nobody.
pub async fn delete_for_nobody(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let nobodys = Entity::delete_many()
        .filter(Column::Kind.eq(Kind::Letter))
        .filter(Column::DueAt.lte(now))
        .filter(Column::Recipient.is_null());
    nobodys.exec(db).await?;
    Ok(())
}

/// Removes what is due of these kinds and out of date; gives what that was.
pub async fn take_expired(
    db: &impl ConnectionTrait,
    kinds: &[Kind],
    now: Timestamp,
) -> Result<Vec<Model>, DbErr> {
    Entity::delete_many()
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .filter(Column::DueAt.lte(now))
        .filter(Column::ExpiresAt.lte(now))
        .exec_with_returning(db)
        .await
}

/// What is due of these kinds and nobody else is taking at the moment, the oldest first.
pub async fn due(
    db: &impl ConnectionTrait,
    kinds: &[Kind],
    now: Timestamp,
    count: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(count)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(db)
        .await
}

/// Puts these off, and counts the attempt.
pub async fn take(db: &impl ConnectionTrait, ids: &[Uuid], until: Timestamp) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let attempts = Expr::col(Column::Attempts).add(1);
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::val(until))
        .col_expr(Column::Attempts, attempts)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}

/// Sets when one is due.
pub async fn put_off(db: &impl ConnectionTrait, id: Uuid, until: Timestamp) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::val(until))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Removes the letter with the code of this nonce.
pub async fn delete_with_nonce(db: &impl ConnectionTrait, nonce: &[u8]) -> Result<(), DbErr> {
    let letter = Entity::delete_many().filter(Column::Nonce.eq(nonce));
    letter.exec(db).await?;
    Ok(())
}

/// Holds a task that nobody has begun until the transaction ends; whether there is one.
pub async fn lock_untried(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let task = Entity::update_many()
        .col_expr(Column::DueAt, Expr::col(Column::DueAt))
        .filter(Column::Id.eq(id))
        .filter(Column::Attempts.eq(0));
    Ok(task.exec(db).await?.rows_affected == 1)
}

/// Removes a task that nobody has begun; whether there was one.
pub async fn delete_untried(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let task = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Attempts.eq(0));
    Ok(task.exec(db).await?.rows_affected == 1)
}

/// Removes what is done.
pub async fn delete(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}
