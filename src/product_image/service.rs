//! What can be asked of pictures, who sees which, and what becomes of them with their product.

use std::collections::HashMap;

use super::entity::{ImageId, Model};
use super::repository;
use crate::database::{Database, Transaction};
use crate::error::Result;
use crate::product::entity::Model as Product;
use crate::product::{self, ProductId};
use crate::state::State;
use crate::viewer::{Admin, Audience};

/// Those of `ids` whose products the audience sees.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[ImageId],
) -> Result<HashMap<ImageId, Model>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// The galleries of products that the caller has already been allowed to see.
pub async fn of_products(
    db: &Database,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<Model>>> {
    let mut galleries: HashMap<ProductId, Vec<Model>> = HashMap::new();
    for image in repository::find_by_products(db.reader(), products).await? {
        galleries.entry(image.product_id).or_default().push(image);
    }
    Ok(galleries)
}

/// Removes a product with its pictures; gives what it was.
pub async fn delete_product(
    state: &State,
    admin: Admin,
    id: ProductId,
    expected_version: Option<i32>,
) -> Result<Product> {
    let transaction = state.db.begin().await?;
    let product = product::service::lock(&transaction, id, expected_version).await?;
    repository::delete_of_product(&transaction, id).await?;
    product::service::delete_in(&transaction, state, admin, &product).await?;
    transaction.commit().await?;
    Ok(product)
}

/// Stores the pictures of a new catalogue.
pub async fn insert_catalogue(transaction: &Transaction, images: Vec<Model>) -> Result<()> {
    Ok(repository::insert_many(transaction, images).await?)
}
