//! Queries on `throttles`.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::entity::{ActiveModel, Column, Entity};
use crate::core::clock::Timestamp;

/// Takes `step` microseconds from a bucket of `depth`, unless less is left. Returns whether it was possible.
pub async fn charge(
    db: &impl ConnectionTrait,
    key: &str,
    now: Timestamp,
    step: i64,
    depth: i64,
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        key: ActiveValue::Set(key.to_owned()),
        free_at: ActiveValue::Set(Timestamp(now.0 + step)),
    };
    let used = || Expr::col((Entity, Column::FreeAt));
    let start: SimpleExpr = CaseStatement::new()
        .case(used().gt(now.0), used())
        .finally(Expr::val(now.0))
        .into();
    let charge = OnConflict::column(Column::Key)
        .value(Column::FreeAt, start.add(step))
        .action_and_where(used().lte(now.0 + depth - step))
        .to_owned();
    let changed = Entity::insert(row)
        .on_conflict(charge)
        .exec_without_returning(db)
        .await?;
    Ok(changed > 0)
}

/// Returns the time at which a bucket is full again.
pub async fn free_at(db: &impl ConnectionTrait, key: &str) -> Result<Option<Timestamp>, DbErr> {
    let row = Entity::find_by_id(key.to_owned()).one(db).await?;
    Ok(row.map(|row| row.free_at))
}

/// Sets the time at which a bucket is full again.
pub async fn set(db: &impl ConnectionTrait, key: &str, free_at: Timestamp) -> Result<(), DbErr> {
    let row = ActiveModel {
        key: ActiveValue::Set(key.to_owned()),
        free_at: ActiveValue::Set(free_at),
    };
    let replaced = OnConflict::column(Column::Key)
        .update_column(Column::FreeAt)
        .to_owned();
    Entity::insert(row)
        .on_conflict(replaced)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Gives `step` microseconds back to a bucket.
pub async fn refund(db: &impl ConnectionTrait, key: &str, step: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::FreeAt, Expr::col(Column::FreeAt).sub(step))
        .filter(Column::Key.eq(key))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes a bucket, which makes it full.
pub async fn delete(db: &impl ConnectionTrait, key: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(key.to_owned()).exec(db).await?;
    Ok(())
}

/// Deletes full buckets.
pub async fn delete_full(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let full = Entity::delete_many().filter(Column::FreeAt.lte(now));
    full.exec(db).await?;
    Ok(())
}
