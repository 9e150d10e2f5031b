//! The queries on `reviews`.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::entity::{Column, Entity, Model, ReviewId};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;

/// Inserts a review.
pub async fn insert(db: &impl ConnectionTrait, review: Model) -> Result<(), DbErr> {
    insert_all(db, vec![review]).await
}

/// Returns a review.
pub async fn find(db: &impl ConnectionTrait, id: ReviewId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Deletes expired reviews.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
