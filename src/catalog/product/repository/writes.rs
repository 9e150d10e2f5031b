//! Statements that write products, and the queries they need.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::catalog::product::entity::{
    Column, Entity, Model, ProductId, old_slug, product_category,
};
use crate::catalog::product::repository::search::{INDEX, documents};
use crate::infra::database::insert::insert_all;

/// Rows per statement. SQLite allows 32,766 parameters, and a product has 13.
const CHUNK: usize = 1_000;

/// Returns a product, locked against changes until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: ProductId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Returns the existing products of `ids`, locked against changes until the transaction ends. Locks in a fixed order
/// to avoid deadlocks.
pub async fn lock_many(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// Returns other products with the slug or the SKU of this one.
pub async fn find_rivals(db: &impl ConnectionTrait, product: &Model) -> Result<Vec<Model>, DbErr> {
    let mut same = Condition::any().add(Column::Slug.eq(&product.slug));
    if let Some(sku) = &product.sku {
        same = same.add(Column::Sku.eq(sku));
    }
    Entity::find()
        .filter(Column::Id.ne(product.id))
        .filter(same)
        .all(db)
        .await
}

/// Returns those of `slugs` that a product has or had.
pub async fn taken_slugs(
    db: &impl ConnectionTrait,
    slugs: &[String],
) -> Result<Vec<String>, DbErr> {
    let current = Entity::find()
        .select_only()
        .column(Column::Slug)
        .filter(Column::Slug.is_in(slugs));
    let former = old_slug::Entity::find()
        .select_only()
        .column(old_slug::Column::Slug)
        .filter(old_slug::Column::Slug.is_in(slugs));
    let mut taken: Vec<String> = current.into_tuple().all(db).await?;
    taken.extend(former.into_tuple::<String>().all(db).await?);
    Ok(taken)
}

/// Returns the category assignments of these products.
pub async fn links_of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<product_category::Model>, DbErr> {
    product_category::Entity::find()
        .filter(product_category::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(product_category::Column::ProductId)
        .order_by_asc(product_category::Column::CategoryId)
        .all(db)
        .await
}

/// Inserts products and their search index entries.
pub async fn insert_many(db: &impl ConnectionTrait, products: Vec<Model>) -> Result<(), DbErr> {
    let documents = documents(&products);
    insert_all(db, products).await?;
    INDEX.put(db, &documents).await
}

/// Updates existing products. Does not update their search index entries: see [`index_many`](super::index_many).
pub async fn save_many(db: &impl ConnectionTrait, products: Vec<Model>) -> Result<(), DbErr> {
    let columns = Column::iter().filter(|column| !matches!(column, Column::Id));
    let in_its_place = OnConflict::column(Column::Id)
        .update_columns(columns)
        .to_owned();
    for chunk in products.chunks(CHUNK) {
        let rows = chunk
            .iter()
            .cloned()
            .map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows)
            .on_conflict(in_its_place.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Deletes a product, its category assignments and former slugs.
pub async fn delete(db: &impl ConnectionTrait, id: ProductId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Inserts category assignments.
pub async fn insert_categories(
    db: &impl ConnectionTrait,
    links: Vec<product_category::Model>,
) -> Result<(), DbErr> {
    insert_all(db, links).await
}

/// Deletes all category assignments of products.
pub async fn delete_categories(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<(), DbErr> {
    product_category::Entity::delete_many()
        .filter(product_category::Column::ProductId.is_in(products.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}

/// Inserts former slugs.
pub async fn insert_old_slugs(
    db: &impl ConnectionTrait,
    slugs: Vec<old_slug::Model>,
) -> Result<(), DbErr> {
    insert_all(db, slugs).await
}

/// Deletes former slugs.
pub async fn delete_old_slugs(db: &impl ConnectionTrait, slugs: &[String]) -> Result<(), DbErr> {
    old_slug::Entity::delete_many()
        .filter(old_slug::Column::Slug.is_in(slugs))
        .exec(db)
        .await?;
    Ok(())
}
