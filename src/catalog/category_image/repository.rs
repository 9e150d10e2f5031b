//! Queries on `category_images`.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::entity::{Column, Entity, Model};
use crate::catalog::category::CategoryId;
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_all;
use crate::infra::database::{Catalog, Transaction};
use crate::platform::media::ImageId;

/// Returns the images of these categories.
pub async fn find_by_categories(
    db: &impl ConnectionTrait,
    categories: &[CategoryId],
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::CategoryId.is_in(categories.iter().copied()))
        .all(db)
        .await
}

/// Returns these images, regardless of visibility.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[ImageId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
}

/// Inserts an image.
pub async fn insert(transaction: &Transaction, image: Model) -> Result<(), DbErr> {
    transaction.touch(Catalog::Category(image.category_id.into()));
    insert_all(transaction, vec![image]).await
}

/// Sets the alternative text of an image.
pub async fn set_alt(transaction: &Transaction, image: &Model, alt: &str) -> Result<(), DbErr> {
    transaction.touch(Catalog::Category(image.category_id.into()));
    Entity::update_many()
        .col_expr(Column::Alt, Expr::val(alt))
        .filter(Column::Id.eq(image.id))
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
    for image in &images {
        transaction.touch(Catalog::Category(image.category_id.into()));
    }
    Ok(!images.is_empty())
}

/// Deletes the image of a category, and returns it.
pub async fn delete_of_category(
    transaction: &Transaction,
    category: CategoryId,
) -> Result<Option<Model>, DbErr> {
    let image = Entity::delete_many().filter(Column::CategoryId.eq(category));
    let image = image.exec_with_returning(transaction).await?;
    if !image.is_empty() {
        transaction.touch(Catalog::Category(category.into()));
    }
    Ok(image.into_iter().next())
}
