//! The queries on `product_images`.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::entity::{Column, Entity, ImageId, Model};
use crate::database::insert::insert_all;
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
        .filter(Expr::exists(products::visible_with_id(
            audience,
            (Entity, Column::ProductId),
        )))
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
    insert_all(db, images).await
}

/// Removes the pictures of a product.
pub async fn delete_of_product(db: &impl ConnectionTrait, id: ProductId) -> Result<(), DbErr> {
    let images = Entity::delete_many().filter(Column::ProductId.eq(id));
    images.exec(db).await?;
    Ok(())
}
