//! Queries on `categories` and `category_slugs`.

pub mod nodes;
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

/// Returns the categories of `ids` that the audience may see, in no particular order.
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

pub async fn find(db: &impl ConnectionTrait, id: CategoryId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Returns a category, locked against changes and new references until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: CategoryId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Returns the existing categories of `ids`, ordered by ID. Until the transaction ends they can be updated but not
/// deleted.
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

/// Returns the category with this current or most recent former slug.
pub async fn find_by_slug(
    db: &impl ConnectionTrait,
    audience: Audience,
    slug: &str,
) -> Result<Option<Model>, DbErr> {
    let columns = (Column::Id, Column::Slug);
    slug::find::<_, old_slug::Entity>(db, visible(audience), columns, slug).await
}

/// Returns the categories at these paths that the audience may see, in no particular order.
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

/// Returns the children of these categories, ordered by position.
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

/// Returns the rows of one page and one row more.
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

/// Counts the categories that match the filter.
pub async fn count(
    db: &impl ConnectionTrait,
    audience: Audience,
    filter: &Filter,
) -> Result<Total, DbErr> {
    let select = filtered(db.get_database_backend(), audience, filter);
    count::total(db, select.into_query()).await
}

/// Builds a subquery of the IDs of `roots` and, with `descendants`, of all their descendants that the audience may
/// see.
pub fn ids_within(audience: Audience, roots: &[CategoryId], descendants: bool) -> SelectStatement {
    const ROOT: &str = "root";
    let mut ids = Query::select()
        .column((Entity, Column::Id))
        .from(Entity)
        .take();
    if descendants {
        // A descendant's path starts with its ancestor's, and `g` sorts after every hexadecimal digit.
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

/// Builds a subquery of the categories hidden from customers. `NOT IN` this subquery needs no index lookup per row,
/// and does not make SQLite abandon the index that orders the outer query.
pub fn hidden_ids() -> SelectStatement {
    Query::select()
        .column((Entity, Column::Id))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::Visible)).eq(false))
        .take()
}

/// Returns whether there are no categories.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(Entity::find().one(db).await?.is_none())
}

/// Inserts a category and its search index entry, unless its slug is taken. Returns whether it was inserted.
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

/// Updates all columns of a category. Does not update the search index: see [`search::index_many`].
pub async fn update(transaction: &Transaction, category: Model) -> Result<Model, DbErr> {
    transaction.touch(Catalog::Category(category.id.into()));
    let row = category.into_active_model().reset_all();
    row.update(transaction).await
}

/// Deletes a category and its former slugs.
pub async fn delete(transaction: &Transaction, id: CategoryId) -> Result<(), DbErr> {
    transaction.touch(Catalog::Category(id.into()));
    Entity::delete_by_id(id).exec(transaction).await?;
    Ok(())
}

/// Inserts categories and their search index entries. Parents must precede their children.
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
        select = select.filter(search::search_condition(backend, search));
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
