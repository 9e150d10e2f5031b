//! Queries on `code_failures`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::accounts::auth::entity::code_failure::{Column, Entity, Model};
use crate::accounts::auth::entity::one_time_code::Purpose;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;

/// Finds the count of wrong codes of a subject.
pub async fn find(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    subject: &str,
) -> Result<Option<Model>, DbErr> {
    let found = Entity::find_by_id((purpose, subject.to_owned()));
    found.one(db).await
}

/// Stores the count of wrong codes of a subject.
pub async fn replace(db: &impl ConnectionTrait, failures: Model) -> Result<(), DbErr> {
    let replaced = OnConflict::columns([Column::Purpose, Column::Subject])
        .update_columns([Column::Failures, Column::FailedAt])
        .to_owned();
    insert_or(db, failures, &replaced).await.map(drop)
}

/// Deletes the count of wrong codes of a subject.
pub async fn delete(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    subject: &str,
) -> Result<(), DbErr> {
    let found = Entity::delete_by_id((purpose, subject.to_owned()));
    found.exec(db).await?;
    Ok(())
}

/// Deletes counts whose last wrong code is not after `last`.
pub async fn delete_expired(db: &impl ConnectionTrait, last: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::FailedAt.lte(last));
    expired.exec(db).await?;
    Ok(())
}
