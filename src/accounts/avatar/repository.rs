//! The queries on `avatars`.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::entity::{Column, Entity, Model};
use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;
use crate::platform::media::ImageId;

/// The pictures of these users.
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

/// One picture, whoever may see it.
pub async fn find(db: &impl ConnectionTrait, id: ImageId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Stores a picture.
pub async fn insert(db: &impl ConnectionTrait, avatar: Model) -> Result<(), DbErr> {
    insert_all(db, vec![avatar]).await
}

/// Takes note that the sizes of the picture with this key are there; whether there is such a picture.
pub async fn set_sized(db: &impl ConnectionTrait, key: &str, at: Timestamp) -> Result<bool, DbErr> {
    let sized = Entity::update_many()
        .col_expr(Column::SizedAt, Expr::val(at))
        .filter(Column::ObjectKey.eq(key));
    Ok(sized.exec(db).await?.rows_affected == 1)
}

/// Removes the picture of a user; gives its key.
pub async fn delete_of_user(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<String>, DbErr> {
    let avatar = Entity::delete_many().filter(Column::UserId.eq(user));
    let avatar = avatar.exec_with_returning(db).await?;
    Ok(avatar.into_iter().next().map(|row| row.object_key))
}
