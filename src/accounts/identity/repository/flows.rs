//! Queries on `used_oauth_flows`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::accounts::identity::entity::used_flow::{Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;

/// Marks a sign-in or token as used. Returns whether it was the first use.
pub async fn insert(db: &impl ConnectionTrait, used: Model) -> Result<bool, DbErr> {
    let known = OnConflict::column(Column::Hash).do_nothing().to_owned();
    insert_or(db, used, &known).await
}

/// Deletes expired rows.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
