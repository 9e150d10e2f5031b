//! Queries on `product_images`.

pub mod uploads;

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::catalog::product::{ProductId, repository as products};
use crate::catalog::product_image::entity::{Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::core::viewer::Audience;
use crate::infra::database::insert::insert_all;
use crate::infra::database::{Catalog, Transaction};
use crate::platform::media::ImageId;

/// Returns the images of `ids` whose products the audience may see, in no particular order.
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

/// Returns the images of these products by position, or the first ones of each.
pub async fn find_by_products(
    db: &impl ConnectionTrait,
    products: &[ProductId],
    first: Option<u32>,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find().filter(Column::ProductId.is_in(products.iter().copied()));
    if let Some(first) = first {
        // Positions are dense: 0, 1, 2, ...
        select = select.filter(Column::Position.lt(i64::from(first)));
    }
    select
        .order_by_asc(Column::ProductId)
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Stores new images.
pub async fn insert_many(transaction: &Transaction, images: Vec<Model>) -> Result<(), DbErr> {
    touch(transaction, &images);
    insert_all(transaction, images).await
}

fn touch(transaction: &Transaction, images: &[Model]) {
    for image in images {
        transaction.touch(Catalog::Product(image.product_id.into()));
    }
}

/// Returns an image regardless of visibility.
pub async fn find(db: &impl ConnectionTrait, id: ImageId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// An image of a product: its object key, and the URL that it was fetched from.
pub type ImageSource = (ProductId, ImageId, String, Option<String>);

/// Returns the object keys and the source URLs of the images of these products.
pub async fn sources(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<ImageSource>, DbErr> {
    Entity::find()
        .select_only()
        .columns([
            Column::ProductId,
            Column::Id,
            Column::ObjectKey,
            Column::SourceUrl,
        ])
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Sets the alternative text of an image.
pub async fn set_alt(transaction: &Transaction, image: &Model, alt: &str) -> Result<(), DbErr> {
    touch(transaction, std::slice::from_ref(image));
    Entity::update_many()
        .col_expr(Column::Alt, Expr::val(alt))
        .filter(Column::Id.eq(image.id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Sets the positions of these images of a product to 0, 1, 2, ...
pub async fn set_positions(
    transaction: &Transaction,
    product: ProductId,
    ids: &[ImageId],
) -> Result<(), DbErr> {
    transaction.touch(Catalog::Product(product.into()));
    let mut position_case = CaseStatement::new();
    for (id, position) in ids.iter().zip(0..) {
        let position: i32 = position;
        position_case = position_case.case(Expr::col(Column::Id).eq(*id), position);
    }
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Position, position_case.finally(0).into())
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Records that the sizes of the image with this key are stored. Returns whether there is such an image.
pub async fn set_sized(transaction: &Transaction, key: &str, at: Timestamp) -> Result<bool, DbErr> {
    let sized = Entity::update_many()
        .col_expr(Column::SizedAt, Expr::val(at))
        .filter(Column::ObjectKey.eq(key));
    let images = sized.exec_with_returning(transaction).await?;
    touch(transaction, &images);
    Ok(!images.is_empty())
}

/// Deletes an image.
pub async fn delete(transaction: &Transaction, image: &Model) -> Result<(), DbErr> {
    touch(transaction, std::slice::from_ref(image));
    Entity::delete_by_id(image.id).exec(transaction).await?;
    Ok(())
}

/// Deletes the images of a product. Returns their keys.
pub async fn delete_of_product(
    transaction: &Transaction,
    id: ProductId,
) -> Result<Vec<String>, DbErr> {
    transaction.touch(Catalog::Product(id.into()));
    let images = Entity::delete_many().filter(Column::ProductId.eq(id));
    let images = images.exec_with_returning(transaction).await?;
    Ok(images.into_iter().map(|row| row.object_key).collect())
}
