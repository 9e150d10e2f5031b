//! The queries on `categories` and `category_slugs`.

pub mod outline;
pub mod search;
pub mod slugs;
pub mod tree;

use sea_orm::sea_query::{
    BinOper, Expr, ExprTrait, Func, JoinType, LockType, OnConflict, Query, SelectStatement,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::catalog::category::entity::{CategoryId, Column, Entity, Model, PATH_STEP, old_slug};
use crate::catalog::category::list::{Filter, List, SortField};
use crate::core::pagination::{Ranked, Total};
use crate::core::viewer::Audience;
use crate::infra::database::insert::insert_all;
use crate::infra::database::{Catalog, Transaction, count, keyset, slug};

/// Those of `ids` that the audience sees, in no order.
pub async fn find_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    ids: &[CategoryId],
) -> Result<Vec<Model>, DbErr> {
    visible(audience)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
}

/// One category.
pub async fn find(db: &impl ConnectionTrait, id: CategoryId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// One category, which nobody else changes or refers to anew until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: CategoryId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Those of `ids` that there are, in the order of their ids. They can be changed, but not deleted, until the transaction
/// ends.
pub async fn lock_shared(
    db: &impl ConnectionTrait,
    ids: &[CategoryId],
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Id)
        .lock(LockType::KeyShare)
        .all(db)
        .await
}

/// The category that has this slug, or had it last.
pub async fn find_by_slug(
    db: &impl ConnectionTrait,
    audience: Audience,
    slug: &str,
) -> Result<Option<Model>, DbErr> {
    let columns = (Column::Id, Column::Slug);
    slug::find::<_, old_slug::Entity>(db, visible(audience), columns, slug).await
}

/// Those of the categories at these paths that the audience sees, in no order.
pub async fn find_by_paths(
    db: &impl ConnectionTrait,
    audience: Audience,
    paths: impl IntoIterator<Item = &str>,
) -> Result<Vec<Model>, DbErr> {
    visible(audience)
        .filter(Column::Path.is_in(paths))
        .all(db)
        .await
}

/// The children of these categories, in their order.
pub async fn children(
    db: &impl ConnectionTrait,
    audience: Audience,
    parents: &[CategoryId],
) -> Result<Vec<Model>, DbErr> {
    visible(audience)
        .filter(Column::ParentId.is_in(parents.iter().copied()))
        .order_by_asc(Column::ParentId)
        .order_by_asc(Column::Position)
        .all(db)
        .await
}

/// The rows of one page, and one more.
pub async fn list(
    db: &impl ConnectionTrait,
    audience: Audience,
    list: &List,
) -> Result<Vec<Ranked<Model>>, DbErr> {
    let Some(column) = sort_column(list.sort.field) else {
        return search::list(db, audience, list).await;
    };
    let mut select = filtered(db.get_database_backend(), audience, &list.filter);
    keyset::apply(
        QuerySelect::query(&mut select),
        (Entity, column),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    let rows = select.all(db).await?;
    let ranked = rows.into_iter().map(|row| Ranked { row, rank: None });
    Ok(ranked.collect())
}

/// How many categories the filter leaves.
pub async fn count(
    db: &impl ConnectionTrait,
    audience: Audience,
    filter: &Filter,
) -> Result<Total, DbErr> {
    let select = filtered(db.get_database_backend(), audience, filter);
    count::total(db, select.into_query()).await
}

/// A subquery of the ids of `roots` and, with `descendants`, of all below them, as far as the audience sees them.
pub fn ids_within(audience: Audience, roots: &[CategoryId], descendants: bool) -> SelectStatement {
    const ROOT: &str = "root";
    let mut ids = Query::select()
        .column((Entity, Column::Id))
        .from(Entity)
        .take();
    if descendants {
        // A descendant's path starts with its ancestor's, and `g` follows every hexadecimal digit.
        let path = || Expr::col((Entity, Column::Path));
        let root_path = || Expr::col((ROOT, Column::Path));
        let end = root_path().binary(BinOper::Custom("||"), "g");
        ids.join_as(
            JoinType::InnerJoin,
            Entity,
            ROOT,
            path().gte(root_path()).and(path().lt(end)),
        )
        .and_where(Expr::col((ROOT, Column::Id)).is_in(roots.iter().copied()));
    } else {
        ids.and_where(Expr::col((Entity, Column::Id)).is_in(roots.iter().copied()));
    }
    if audience == Audience::Public {
        ids.and_where(Expr::col((Entity, Column::Visible)).eq(true));
    }
    ids
}

/// A subquery of the categories that customers don't see. `NOT IN` them asks no index for each row, and does not tempt
/// SQLite to leave the one that the outer query is ordered by.
pub fn hidden_ids() -> SelectStatement {
    Query::select()
        .column((Entity, Column::Id))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::Visible)).eq(false))
        .take()
}

/// Whether there is none.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(Entity::find().one(db).await?.is_none())
}

/// Stores a new category and what it is found by, unless its slug is taken. Whether it was stored.
pub async fn insert(transaction: &Transaction, category: Model) -> Result<bool, DbErr> {
    transaction.touch(Catalog::Category(category.id.into()));
    let taken = OnConflict::column(Column::Slug).do_nothing().to_owned();
    let stored = Entity::insert(category.clone().into_active_model())
        .on_conflict(taken)
        .exec_without_returning(transaction)
        .await?;
    if stored > 0 {
        search::index_many(transaction, &[category]).await?;
    }
    Ok(stored > 0)
}

/// Stores a category as it is now. What it is found by is another matter: see [`search::index_many`].
pub async fn update(transaction: &Transaction, category: Model) -> Result<Model, DbErr> {
    transaction.touch(Catalog::Category(category.id.into()));
    let row = category.into_active_model().reset_all();
    row.update(transaction).await
}

/// Removes a category and the slugs it had.
pub async fn delete(transaction: &Transaction, id: CategoryId) -> Result<(), DbErr> {
    transaction.touch(Catalog::Category(id.into()));
    Entity::delete_by_id(id).exec(transaction).await?;
    Ok(())
}

/// Stores new categories and what they are found by, parents before their children.
pub async fn insert_many(transaction: &Transaction, categories: Vec<Model>) -> Result<(), DbErr> {
    touch(transaction, &categories);
    insert_all(transaction, categories.clone()).await?;
    search::index_many(transaction, &categories).await
}

fn touch(transaction: &Transaction, categories: &[Model]) {
    for category in categories {
        transaction.touch(Catalog::Category(category.id.into()));
    }
}

fn visible(audience: Audience) -> Select<Entity> {
    let select = Entity::find();
    match audience {
        Audience::Public => select.filter(Column::Visible.eq(true)),
        Audience::Staff => select,
    }
}

fn filtered(backend: DbBackend, audience: Audience, filter: &Filter) -> Select<Entity> {
    let mut select = visible(audience);
    if let Some(search) = &filter.search {
        select = select.filter(search::fits(backend, search));
    }
    if let Some(parent) = filter.parent {
        select = select.filter(Column::ParentId.eq(parent));
    }
    if let Some(level) = filter.level {
        let length = (i64::from(level) + 1) * i64::from(PATH_STEP);
        let path = Func::char_length(Expr::col((Entity, Column::Path)));
        select = select.filter(Expr::expr(path).eq(length));
    }
    select
}

const fn sort_column(field: SortField) -> Option<Column> {
    match field {
        SortField::Tree => Some(Column::Path),
        SortField::Name => Some(Column::NameKey),
        SortField::CreatedAt => Some(Column::CreatedAt),
        SortField::UpdatedAt => Some(Column::UpdatedAt),
        SortField::Relevance => None,
    }
}
