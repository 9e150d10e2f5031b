//! Queries on `one_time_codes`.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::accounts::auth::entity::one_time_code::{Column, Entity, Model, Purpose};
use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;

/// Stores a code and replaces the previous one of its purpose and subject.
pub async fn replace(db: &impl ConnectionTrait, code: Model) -> Result<(), DbErr> {
    let replaced = OnConflict::columns([Column::Purpose, Column::Subject])
        .update_columns([
            Column::Live,
            Column::UserId,
            Column::Client,
            Column::Nonce,
            Column::AttemptsLeft,
            Column::AttemptsLeftToOthers,
            Column::Payload,
            Column::CreatedAt,
            Column::ExpiresAt,
        ])
        .to_owned();
    insert_or(db, code, &replaced).await.map(drop)
}

/// Finds a code and locks it until the transaction ends.
pub async fn lock(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    subject: &str,
) -> Result<Option<Model>, DbErr> {
    let found = Entity::find_by_id((purpose, subject.to_owned()));
    found.lock_exclusive().one(db).await
}

/// Stores the remaining attempts of a code.
pub async fn update_attempts(db: &impl ConnectionTrait, code: &Model) -> Result<(), DbErr> {
    let (own, others) = (code.attempts_left, code.attempts_left_to_others);
    Entity::update_many()
        .col_expr(Column::AttemptsLeft, Expr::val(own))
        .col_expr(Column::AttemptsLeftToOthers, Expr::val(others))
        .filter(Column::Purpose.eq(code.purpose))
        .filter(Column::Subject.eq(&code.subject))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes a code.
pub async fn delete(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    subject: &str,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::Subject.eq(subject))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes all codes of a user.
pub async fn delete_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    let find_by_user = Entity::delete_many().filter(Column::UserId.eq(user));
    find_by_user.exec(db).await?;
    Ok(())
}

/// Deletes expired codes.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
