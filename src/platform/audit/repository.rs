//! Queries on `audit_log`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
};

use super::entity::{AuditEntryId, Column, Entity, Model};
use super::list::{Filter, List};
use crate::core::pagination::Total;
use crate::infra::database::insert::{insert_all, insert_or};
use crate::infra::database::{count, keyset};

/// Finds entries by id, in no order. Unknown ids are omitted.
pub async fn find_many(
    db: &impl ConnectionTrait,
    ids: &[AuditEntryId],
) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Lists the rows of a page, plus one that shows whether another page follows.
pub async fn list(db: &impl ConnectionTrait, list: &List) -> Result<Vec<Model>, DbErr> {
    let mut select = filtered(&list.filter);
    keyset::apply(
        QuerySelect::query(&mut select),
        (Entity, Column::At),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    select.all(db).await
}

/// Counts the entries that match the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<Total, DbErr> {
    count::total(db, filtered(filter).into_query()).await
}

/// Inserts entries.
pub async fn insert_many(db: &impl ConnectionTrait, entries: Vec<Model>) -> Result<(), DbErr> {
    insert_all(db, entries).await
}

/// Inserts an entry, or updates time and changes of the entry with the same id.
pub async fn save(db: &impl ConnectionTrait, entry: Model) -> Result<(), DbErr> {
    let grown = OnConflict::column(Column::Id)
        .update_columns([Column::At, Column::Changes])
        .to_owned();
    insert_or(db, entry, &grown).await.map(drop)
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(actor) = filter.actor {
        select = select.filter(Column::ActorId.eq(actor));
    }
    if let Some(subject) = &filter.subject {
        select = select.filter(Column::SubjectId.eq(subject));
    }
    if let Some(actions) = &filter.actions {
        select = select.filter(Column::Action.is_in(actions));
    }
    if let Some(gte) = filter.at.gte {
        select = select.filter(Column::At.gte(gte));
    }
    if let Some(lte) = filter.at.lte {
        select = select.filter(Column::At.lte(lte));
    }
    select
}
