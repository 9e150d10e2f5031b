//! The queries on `used_oauth_flows`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::accounts::identity::entity::used_flow::{Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;

/// Notes that something was used. Whether it is the first time.
pub async fn insert(db: &impl ConnectionTrait, used: Model) -> Result<bool, DbErr> {
    let known = OnConflict::column(Column::Hash).do_nothing().to_owned();
    insert_or(db, used, &known).await
}

/// Removes what is out of date.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
