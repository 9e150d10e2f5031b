//! Queries on `known_networks`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::accounts::auth::entity::known_network::{Column, Entity, Model};
use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;

/// Finds the known network of a user by one of these hashes, most recently used first.
pub async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    hashes: Vec<Vec<u8>>,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::NetworkHash.is_in(hashes))
        .order_by_desc(Column::UsedAt)
        .one(db)
        .await
}

/// Inserts a network, or updates the time of its last use.
pub async fn upsert(db: &impl ConnectionTrait, network: Model) -> Result<(), DbErr> {
    let known = OnConflict::columns([Column::UserId, Column::NetworkHash])
        .update_column(Column::UsedAt)
        .to_owned();
    insert_or(db, network, &known).await.map(drop)
}

/// Deletes all networks of a user except the `max` most recently used.
pub async fn delete_surplus(
    db: &impl ConnectionTrait,
    user: UserId,
    max: usize,
) -> Result<(), DbErr> {
    let networks = Entity::find()
        .filter(Column::UserId.eq(user))
        .order_by_desc(Column::UsedAt)
        .all(db)
        .await?;
    let surplus: Vec<_> = networks
        .into_iter()
        .skip(max)
        .map(|row| row.network_hash)
        .collect();
    if surplus.is_empty() {
        return Ok(());
    }
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::NetworkHash.is_in(surplus))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes networks last used at or before `last`.
pub async fn delete_expired(db: &impl ConnectionTrait, last: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::UsedAt.lte(last));
    expired.exec(db).await?;
    Ok(())
}
