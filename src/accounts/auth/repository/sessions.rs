//! Queries on `sessions`.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::accounts::auth::SessionId;
use crate::accounts::auth::entity::session::{Column, Entity, Model};
use crate::accounts::user::UserId;
use crate::accounts::user::entity::{self as user, Model as User};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;

/// Inserts a session.
pub async fn insert(db: &impl ConnectionTrait, session: Model) -> Result<(), DbErr> {
    insert_all(db, vec![session]).await
}

/// Finds a session.
pub async fn find(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Finds a session and its user.
pub async fn find_with_user(
    db: &impl ConnectionTrait,
    id: SessionId,
) -> Result<Option<(Model, User)>, DbErr> {
    let found = Entity::find_by_id(id).find_also_related(user::Entity);
    let found = found.one(db).await?;
    Ok(found.and_then(|(session, user)| Some((session, user?))))
}

/// Finds a session and locks it until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Finds a session and takes a shared lock: it is not changed or deleted until the transaction ends.
pub async fn lock_shared(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_shared().one(db).await
}

/// Lists the sessions of a user, most recently refreshed first.
pub async fn find_by_user(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .order_by_desc(Column::RefreshedAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await
}

/// Updates all columns of a session.
pub async fn update(db: &impl ConnectionTrait, session: Model) -> Result<Model, DbErr> {
    session.into_active_model().reset_all().update(db).await
}

/// Marks the tokens of this generation as received by the client.
pub async fn confirm(
    db: &impl ConnectionTrait,
    id: SessionId,
    generation: i32,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Confirmed, Expr::val(true))
        .filter(Column::Id.eq(id))
        .filter(Column::Generation.eq(generation))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes sessions of a user by id. Returns how many existed.
pub async fn delete(
    db: &impl ConnectionTrait,
    user: UserId,
    ids: &[SessionId],
) -> Result<u64, DbErr> {
    let these = Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::Id.is_in(ids.iter().copied()));
    Ok(these.exec(db).await?.rows_affected)
}

/// Deletes all sessions of a user, except `except`.
pub async fn delete_of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    except: Option<SessionId>,
) -> Result<(), DbErr> {
    let mut find_by_user = Entity::delete_many().filter(Column::UserId.eq(user));
    if let Some(session) = except {
        find_by_user = find_by_user.filter(Column::Id.ne(session));
    }
    find_by_user.exec(db).await?;
    Ok(())
}

/// Deletes sessions that have expired, or were last refreshed at or before `idle`.
pub async fn delete_expired(
    db: &impl ConnectionTrait,
    now: Timestamp,
    idle: Timestamp,
) -> Result<(), DbErr> {
    let over = Condition::any()
        .add(Column::ExpiresAt.lte(now))
        .add(Column::RefreshedAt.lte(idle));
    Entity::delete_many().filter(over).exec(db).await?;
    Ok(())
}
