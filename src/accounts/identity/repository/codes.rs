//! Queries on `oauth_codes`.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::accounts::identity::entity::oauth_code::{Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;

/// Inserts a code.
pub async fn insert(db: &impl ConnectionTrait, code: Model) -> Result<(), DbErr> {
    insert_all(db, vec![code]).await
}

/// Deletes and returns a code. Of concurrent calls only one gets it.
pub async fn delete_returning(
    db: &impl ConnectionTrait,
    hash: &[u8],
) -> Result<Option<Model>, DbErr> {
    let code = Entity::delete_many().filter(Column::CodeHash.eq(hash));
    Ok(code.exec_with_returning(db).await?.into_iter().next())
}

/// Deletes expired codes.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}
