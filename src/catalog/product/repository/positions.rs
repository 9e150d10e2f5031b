//! The order of the products of a category.

use sea_orm::sea_query::{Expr, ExprTrait, JoinType, OnConflict, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::category_strategies::CategoryStrategies;
use super::pages::select_columns;
use super::{filtered_by, writes};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::product_category::{Column, Entity, Model, UNPLACED};
use crate::catalog::product::entity::{self as product, ProductId};
use crate::catalog::product::list::{Columns, List};
use crate::catalog::search::index::RANK;
use crate::core::viewer::Audience;
use crate::infra::database::insert::upsert_all;
use crate::infra::database::{Transaction, keyset};

/// Builds the query of a page of the products of a category, sorted by their positions in it. Reads the index over the
/// positions.
pub(super) fn page(
    backend: DbBackend,
    audience: Audience,
    (list, columns): (&List, Columns),
    category_strategies: &CategoryStrategies,
) -> SelectStatement {
    const LINK: &str = "link";
    // Without a category, the list is empty.
    let category = list.filter.only_category();
    let category = category.map(uuid::Uuid::from).unwrap_or_default();
    // The join restricts the list to the category.
    let mut filter = list.filter.clone();
    filter.within.retain(|within| !within.is_list);
    let select = filtered_by(backend, audience, &filter, category_strategies);
    let mut select = select_columns(select.select_only(), columns).into_query();
    let is_product =
        Expr::col((LINK, Column::ProductId)).equals((product::Entity, product::Column::Id));
    select.from_clear().from_as(Entity, LINK);
    if backend == DbBackend::Sqlite {
        // SQLite preserves this order of the tables, and so reads the products in the order of the index.
        select.cross_join(product::Entity).and_where(is_product);
    } else {
        select.join(JoinType::InnerJoin, product::Entity, is_product);
    }
    let position = || (LINK, Column::Position);
    select
        .and_where(Expr::col((LINK, Column::CategoryId)).eq(category))
        .expr_as(Expr::col(position()).cast_as("bigint"), RANK);
    let (key, id) = (position(), (LINK, Column::ProductId));
    keyset::apply(&mut select, key, id, list.sort.direction, &list.paging);
    select
}

/// Returns the links of a category to these products and to all products with a position, in their order. Locks them
/// against changes until the transaction ends.
pub async fn lock_links(
    db: &impl ConnectionTrait,
    category: CategoryId,
    products: &[ProductId],
) -> Result<Vec<Model>, DbErr> {
    let is_named = Column::ProductId.is_in(products.iter().copied());
    Entity::find()
        .filter(Column::CategoryId.eq(category))
        .filter(Column::Position.lt(UNPLACED).or(is_named))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::ProductId)
        .lock_exclusive()
        .all(db)
        .await
}

/// Returns the links of a category to products without a position up to this one, at most `limit`, oldest first. Locks
/// them against changes until the transaction ends.
pub async fn lock_unplaced_until(
    db: &impl ConnectionTrait,
    category: CategoryId,
    last: ProductId,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::CategoryId.eq(category))
        .filter(Column::Position.eq(UNPLACED))
        .filter(Column::ProductId.lte(last))
        .order_by_asc(Column::ProductId)
        .limit(limit)
        .lock_exclusive()
        .all(db)
        .await
}

/// Stores the positions of these links, which the transaction has locked.
pub async fn set_positions(transaction: &Transaction, links: Vec<Model>) -> Result<(), DbErr> {
    writes::touch(transaction, links.iter().map(|link| link.product_id));
    let in_its_place = OnConflict::columns([Column::ProductId, Column::CategoryId])
        .update_column(Column::Position)
        .to_owned();
    upsert_all(transaction, links, &in_its_place).await
}
