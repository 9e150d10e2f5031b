//! Queries on `users`.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, QueryTrait, Select,
};

use super::entity::{Column, Entity, Model};
use super::list::{Filter, List, Search, SortField};
use crate::core::pagination::Total;
use crate::core::viewer::{Role, UserId};
use crate::infra::database::insert::insert_or;
use crate::infra::database::{count, keyset};

/// Finds users by id, in no order. Unknown ids are omitted.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Finds a user.
pub async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Finds a user and locks it until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Finds a user and takes a shared lock until the transaction ends. Several transactions may take it at the same time.
pub async fn lock_shared(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_shared().one(db).await
}

/// Finds the user with this address.
pub async fn find_by_email_key(
    db: &impl ConnectionTrait,
    email_key: &str,
) -> Result<Option<Model>, DbErr> {
    by_email(email_key).one(db).await
}

/// Finds the user with this address and locks it until the transaction ends.
pub async fn lock_by_email_key(
    db: &impl ConnectionTrait,
    email_key: &str,
) -> Result<Option<Model>, DbErr> {
    by_email(email_key).lock_exclusive().one(db).await
}

/// Lists the admins that can sign in: neither disabled nor with a pending invitation.
pub async fn active_admins(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Role.eq(Role::Admin))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::InvitedAt.is_null())
        .all(db)
        .await
}

/// Returns whether there are no users.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(Entity::find().one(db).await?.is_none())
}

/// Lists the rows of a page, plus one that shows whether another page follows.
pub async fn list(db: &impl ConnectionTrait, list: &List) -> Result<Vec<Model>, DbErr> {
    let mut select = filtered(&list.filter);
    keyset::apply(
        QuerySelect::query(&mut select),
        (Entity, sort_column(list.sort.field)),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    select.all(db).await
}

/// Counts the users that match the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<Total, DbErr> {
    count::total(db, filtered(filter).into_query()).await
}

/// Inserts a user, unless the email address is taken. Returns whether it was inserted.
pub async fn insert(db: &impl ConnectionTrait, user: Model) -> Result<bool, DbErr> {
    let taken = OnConflict::column(Column::EmailKey).do_nothing().to_owned();
    insert_or(db, user, &taken).await
}

/// Updates all columns of a user.
pub async fn update(db: &impl ConnectionTrait, user: Model) -> Result<Model, DbErr> {
    user.into_active_model().reset_all().update(db).await
}

/// Deletes a user and all rows that reference it.
pub async fn delete(db: &impl ConnectionTrait, id: UserId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

fn by_email(email_key: &str) -> Select<Entity> {
    Entity::find().filter(Column::EmailKey.eq(email_key))
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut all = Condition::all();
    if let Some(role) = filter.role {
        all = all.add(Column::Role.eq(role));
    }
    if let Some(disabled) = filter.disabled {
        all = all.add(is_set(Column::DisabledAt, disabled));
    }
    if let Some(verified) = filter.email_verified {
        all = all.add(is_set(Column::InvitedAt, !verified));
    }
    if let Some(gte) = filter.created_at.gte {
        all = all.add(Column::CreatedAt.gte(gte));
    }
    if let Some(lte) = filter.created_at.lte {
        all = all.add(Column::CreatedAt.lte(lte));
    }
    if let Some(Search { name, email }) = &filter.search {
        let name = contains(Column::NameKey, name);
        all = all.add(name.or(contains(Column::EmailKey, email)));
    }
    Entity::find().filter(all)
}

fn is_set(column: Column, set: bool) -> Expr {
    if set {
        column.is_not_null()
    } else {
        column.is_null()
    }
}

/// Returns a condition for a substring. Both databases compare case-sensitively; keys are in lower case.
fn contains(column: Column, text: &str) -> Expr {
    let escaped = text
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    Expr::col((Entity, column)).like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}

const fn sort_column(field: SortField) -> Column {
    match field {
        SortField::Name => Column::NameKey,
        SortField::Email => Column::EmailKey,
        SortField::CreatedAt => Column::CreatedAt,
    }
}
