//! The queries on `sessions`.

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

/// Stores a new session.
pub async fn insert(db: &impl ConnectionTrait, session: Model) -> Result<(), DbErr> {
    insert_all(db, vec![session]).await
}

/// One session.
pub async fn find(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// One session and its user.
pub async fn find_with_user(
    db: &impl ConnectionTrait,
    id: SessionId,
) -> Result<Option<(Model, User)>, DbErr> {
    let found = Entity::find_by_id(id).find_also_related(user::Entity);
    let found = found.one(db).await?;
    Ok(found.and_then(|(session, user)| Some((session, user?))))
}

/// One session, which nobody else changes until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// One session, which is not changed or deleted until the transaction ends. Several transactions may hold it.
pub async fn hold(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_shared().one(db).await
}

/// The sessions of a user, the one used last first.
pub async fn of_user(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .order_by_desc(Column::RefreshedAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await
}

/// Stores a session as it is now.
pub async fn update(db: &impl ConnectionTrait, session: Model) -> Result<Model, DbErr> {
    session.into_active_model().reset_all().update(db).await
}

/// Notes that the client has what it got with this generation of tokens.
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

/// Removes these of a user's sessions; gives how many there were.
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

/// Removes all sessions of a user but one.
pub async fn delete_of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    except: Option<SessionId>,
) -> Result<(), DbErr> {
    let mut of_user = Entity::delete_many().filter(Column::UserId.eq(user));
    if let Some(session) = except {
        of_user = of_user.filter(Column::Id.ne(session));
    }
    of_user.exec(db).await?;
    Ok(())
}

/// Removes the sessions that are over, or were not used since `idle`.
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
