//! Queries on `avatars`.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::entity::{Column, Entity, Model};
use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;
use crate::platform::media::ImageId;

/// Lists the avatars of these users.
pub async fn find_by_users(
    db: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<Vec<Model>, DbErr> {
    let users = users.iter().copied();
    Entity::find()
        .filter(Column::UserId.is_in(users))
        .all(db)
        .await
}

/// Finds an avatar, without an access check.
pub async fn find(db: &impl ConnectionTrait, id: ImageId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Inserts an avatar.
pub async fn insert(db: &impl ConnectionTrait, avatar: Model) -> Result<(), DbErr> {
    insert_all(db, vec![avatar]).await
}

/// Marks the resized variants of the image with this key as stored. Returns whether there is such an avatar.
pub async fn set_sized(db: &impl ConnectionTrait, key: &str, at: Timestamp) -> Result<bool, DbErr> {
    let sized = Entity::update_many()
        .col_expr(Column::SizedAt, Expr::val(at))
        .filter(Column::ObjectKey.eq(key));
    Ok(sized.exec(db).await?.rows_affected == 1)
}

/// Deletes the avatar of a user. Returns its object key.
pub async fn delete_of_user(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<String>, DbErr> {
    let avatar = Entity::delete_many().filter(Column::UserId.eq(user));
    let avatar = avatar.exec_with_returning(db).await?;
    Ok(avatar.into_iter().next().map(|row| row.object_key))
}
