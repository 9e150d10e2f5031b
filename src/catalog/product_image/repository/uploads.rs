//! Queries on `image_uploads`.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::catalog::product_image::entity::upload::{Column, Entity, ImageUploadId, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;

pub async fn insert(db: &impl ConnectionTrait, upload: Model) -> Result<(), DbErr> {
    insert_all(db, vec![upload]).await
}

pub async fn find(db: &impl ConnectionTrait, id: ImageUploadId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Deletes an upload. Returns whether it existed.
pub async fn delete(db: &impl ConnectionTrait, id: ImageUploadId) -> Result<bool, DbErr> {
    let removed = Entity::delete_by_id(id).exec(db).await?;
    Ok(removed.rows_affected == 1)
}

/// Deletes expired uploads.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
