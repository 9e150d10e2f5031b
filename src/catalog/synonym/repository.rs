//! Queries on `search_synonyms` and `search_synonym_terms`.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::entity::term::Side;
use super::entity::{Column, Entity, Model, SynonymId, term};
use super::list::{Filter, List, SortField};
use crate::core::pagination::Total;
use crate::infra::database::insert::insert_all;
use crate::infra::database::{Catalog, Transaction, count as counting, keyset};

/// The maximum number of terms that a lookup returns.
const MAX_FOUND: u64 = 2_000;

/// Returns the synonyms of `ids`, in no particular order.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[SynonymId]) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Returns a synonym, locked against changes until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: SynonymId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Returns all synonyms, oldest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Id).all(db).await
}

/// Returns the terms of synonyms, in their order.
pub async fn terms_of(
    db: &impl ConnectionTrait,
    synonyms: &[SynonymId],
) -> Result<Vec<term::Model>, DbErr> {
    term::Entity::find()
        .filter(term::Column::SynonymId.is_in(synonyms.iter().copied()))
        .order_by_asc(term::Column::Position)
        .all(db)
        .await
}

/// Returns all terms of the synonyms that apply to a search for one of these keys, oldest synonyms first.
pub async fn find_by_keys(
    db: &impl ConnectionTrait,
    keys: &[&str],
) -> Result<Vec<term::Model>, DbErr> {
    let matching = term::Entity::find()
        .select_only()
        .column(term::Column::SynonymId)
        .filter(term::Column::Key.is_in(keys.iter().copied()))
        .filter(term::Column::Side.ne(Side::To));
    term::Entity::find()
        .filter(term::Column::SynonymId.in_subquery(matching.into_query()))
        .order_by_asc(term::Column::SynonymId)
        .order_by_asc(term::Column::Position)
        .limit(MAX_FOUND)
        .all(db)
        .await
}

/// Returns the number of synonyms.
pub async fn count_all(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}

/// Whether keys were made by another version of the analyzer.
pub async fn is_outdated(db: &impl ConnectionTrait, analysis: &str) -> Result<bool, DbErr> {
    let outdated = Entity::find().filter(Column::Analysis.ne(analysis));
    Ok(outdated.one(db).await?.is_some())
}

/// Returns the rows of one page and one row more.
pub async fn list(db: &impl ConnectionTrait, list: &List) -> Result<Vec<Model>, DbErr> {
    let mut select = filtered(&list.filter);
    let column = match list.sort.field {
        SortField::Term => Column::NameKey,
        SortField::CreatedAt => Column::CreatedAt,
    };
    keyset::apply(
        QuerySelect::query(&mut select),
        (Entity, column),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    select.all(db).await
}

/// Counts the synonyms that match the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<Total, DbErr> {
    counting::total(db, filtered(filter).into_query()).await
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(one_way) = filter.one_way {
        select = select.filter(Column::OneWay.eq(one_way));
    }
    if let Some(search) = &filter.search {
        let escaped = search
            .replace('\\', r"\\")
            .replace('%', r"\%")
            .replace('_', r"\_");
        let like = LikeExpr::new(format!("%{escaped}%")).escape('\\');
        let terms = term::Entity::find()
            .select_only()
            .column(term::Column::SynonymId)
            .filter(Expr::col((term::Entity, term::Column::TextKey)).like(like));
        select = select.filter(Column::Id.in_subquery(terms.into_query()));
    }
    select
}

/// Inserts synonyms with their terms.
pub async fn insert_many(
    transaction: &Transaction,
    synonyms: Vec<Model>,
    terms: Vec<term::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    insert_all(transaction, synonyms).await?;
    insert_all(transaction, terms).await
}

/// Updates a synonym, and replaces its terms.
pub async fn update(
    transaction: &Transaction,
    synonym: Model,
    terms: Vec<term::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let id = synonym.id;
    let row = synonym.into_active_model().reset_all();
    row.update(transaction).await?;
    term::Entity::delete_many()
        .filter(term::Column::SynonymId.eq(id))
        .exec(transaction)
        .await?;
    insert_all(transaction, terms).await
}

/// Deletes synonyms with their terms.
pub async fn delete_many(transaction: &Transaction, ids: &[SynonymId]) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    Entity::delete_many()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(transaction)
        .await
        .map(drop)
}
