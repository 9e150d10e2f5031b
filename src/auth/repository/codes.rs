//! The queries on `one_time_codes`.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::auth::entity::one_time_code::{Column, Entity, Model, Purpose};
use crate::clock::Timestamp;
use crate::user::UserId;

/// Stores a code in the place of the one before it.
pub async fn replace(db: &impl ConnectionTrait, code: Model) -> Result<(), DbErr> {
    let replaced = OnConflict::columns([Column::Purpose, Column::Subject])
        .update_columns([
            Column::UserId,
            Column::Nonce,
            Column::AttemptsLeft,
            Column::Payload,
            Column::CreatedAt,
            Column::ExpiresAt,
        ])
        .to_owned();
    Entity::insert(code.into_active_model())
        .on_conflict(replaced)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Uses one of the tries of a code; gives the code, if there is one that can still be tried. However many try at once, each
/// has a try of its own, and until the transaction ends nobody else has one.
pub async fn try_once(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    subject: &str,
    now: Timestamp,
) -> Result<Option<Model>, DbErr> {
    let tried = Entity::update_many()
        .col_expr(Column::AttemptsLeft, Expr::col(Column::AttemptsLeft).sub(1))
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::Subject.eq(subject))
        .filter(Column::AttemptsLeft.gt(0))
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(tried.into_iter().next())
}

/// Removes a code.
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

/// Removes all codes of a user.
pub async fn delete_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    let of_user = Entity::delete_many().filter(Column::UserId.eq(user));
    of_user.exec(db).await?;
    Ok(())
}

/// Removes what is out of date.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
