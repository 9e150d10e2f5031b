//! Queries on `registrations`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::accounts::auth::entity::registration::{Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;

/// Finds the registration of an address.
pub async fn find(db: &impl ConnectionTrait, email_key: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(email_key.to_owned()).one(db).await
}

/// Finds the registration of an address and locks it until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, email_key: &str) -> Result<Option<Model>, DbErr> {
    let found = Entity::find_by_id(email_key.to_owned());
    found.lock_exclusive().one(db).await
}

/// Stores a registration and replaces the previous one of its address.
pub async fn replace(db: &impl ConnectionTrait, registration: Model) -> Result<(), DbErr> {
    let replaced = OnConflict::column(Column::EmailKey)
        .update_columns([
            Column::Email,
            Column::Name,
            Column::PasswordHash,
            Column::CreatedAt,
            Column::ExpiresAt,
        ])
        .to_owned();
    insert_or(db, registration, &replaced).await.map(drop)
}

/// Deletes the registration of an address.
pub async fn delete(db: &impl ConnectionTrait, email_key: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(email_key.to_owned()).exec(db).await?;
    Ok(())
}

/// Deletes expired registrations.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
