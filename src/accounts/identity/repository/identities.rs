//! Queries on `identities`.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::accounts::identity::IdentityId;
use crate::accounts::identity::entity::identity::{Column, Entity, Model};
use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;

/// Finds the identity of a subject of this issuer.
pub async fn find_by_subject(
    db: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Issuer.eq(issuer))
        .filter(Column::Subject.eq(subject))
        .one(db)
        .await
}

/// Finds an identity.
pub async fn find(db: &impl ConnectionTrait, id: IdentityId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Lists the identities of these users, oldest first.
pub async fn find_by_users(
    db: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.is_in(users.iter().copied()))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Inserts an identity, unless the subject exists or the user has one of this provider. Returns whether it was
/// inserted.
pub async fn insert(db: &impl ConnectionTrait, identity: Model) -> Result<bool, DbErr> {
    let taken = OnConflict::new().do_nothing().to_owned();
    insert_or(db, identity, &taken).await
}

/// Updates the time of the last use and the email address. Returns whether the identity exists.
pub async fn update_last_use(
    db: &impl ConnectionTrait,
    id: IdentityId,
    email: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let used = Entity::update_many()
        .col_expr(Column::Email, Expr::val(email))
        .col_expr(Column::LastUsedAt, Expr::val(now))
        .filter(Column::Id.eq(id));
    Ok(used.exec(db).await?.rows_affected == 1)
}

/// Deletes an identity.
pub async fn delete(db: &impl ConnectionTrait, id: IdentityId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}
