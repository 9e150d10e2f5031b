//! The queries on `product_images`.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::entity::{Column, Entity, ImageId, Model};
use crate::product::{ProductId, repository as products};
use crate::viewer::Audience;

/// Those of `ids` whose products the audience sees, in no order.
pub async fn find_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    ids: &[ImageId],
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::ProductId.in_subquery(products::visible_ids(audience)))
        .all(db)
        .await
}

/// The pictures of these products, each gallery in its order.
pub async fn find_by_products(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(Column::ProductId)
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Stores new pictures.
pub async fn insert_many(db: &impl ConnectionTrait, images: Vec<Model>) -> Result<(), DbErr> {
    let rows = images.into_iter().map(IntoActiveModel::into_active_model);
    Entity::insert_many(rows).exec(db).await?;
    Ok(())
}
