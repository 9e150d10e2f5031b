//! Updates, reorders and deletes images.

use std::collections::HashSet;

use super::gallery::{self, check_alt};
use crate::catalog::product::entity::Model as Product;
use crate::catalog::product::{self, ProductId};
use crate::catalog::product_image::entity::Model;
use crate::catalog::product_image::repository;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::media::{self, ImageId, StoredImage};
use crate::state::State;

/// Updates the alternative text of an image.
pub async fn update_alt(
    state: &State,
    admin: Admin,
    id: ImageId,
    alt: &str,
) -> Result<StoredImage> {
    let mut validator = Validator::default();
    let alt = validator.check("alt", check_alt(alt)).unwrap_or_default();
    validator.finish()?;
    let transaction = state.db.begin().await?;
    let (product, mut image, _) = lock_image(&transaction, id).await?;
    let entry = Entry::new("updateProductImage")
        .about(id)
        .called(&product.name)
        .change_text("alt", Some(&image.alt), Some(&alt));
    if !entry.is_empty() {
        repository::set_alt(&transaction, &image, &alt).await?;
        let now = state.clock.now();
        audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    }
    transaction.commit().await?;
    image.alt = alt;
    Ok(image.into())
}

/// Reorders the images of a product. `order` must contain each of them exactly once. Returns them in the new order.
pub async fn reorder(
    state: &State,
    admin: Admin,
    product: ProductId,
    order: &[ImageId],
) -> Result<Vec<StoredImage>> {
    let transaction = state.db.begin().await?;
    let (product, mut images) = gallery::lock(&transaction, product).await?;
    let named: HashSet<_> = order.iter().copied().collect();
    let present: HashSet<_> = images.iter().map(|image| image.id).collect();
    if !named.is_subset(&present) {
        let message = "The product does not have this image. Reload its images.";
        return Err(UserError::new(UserErrorCode::NotFound, "imageIds", message).into());
    }
    if named != present || order.len() != images.len() {
        let message = "`imageIds` must contain each image of the product exactly once. Images may have been added or deleted: reload them.";
        return Err(UserError::new(UserErrorCode::Conflict, "imageIds", message).into());
    }
    let before: Vec<_> = images.iter().map(|image| image.id).collect();
    let ids = |order: &[ImageId]| {
        let ids: Vec<_> = order.iter().map(|id| id.encode()).collect();
        ids.join(", ")
    };
    let entry = Entry::new("reorderProductImages")
        .about(product.id)
        .called(&product.name)
        .change("images", ids(&before), ids(order));
    if !entry.is_empty() {
        repository::set_positions(&transaction, product.id, order).await?;
        let now = state.clock.now();
        audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    }
    transaction.commit().await?;
    images.sort_by_key(|image| order.iter().position(|id| *id == image.id));
    Ok(images.into_iter().map(StoredImage::from).collect())
}

/// Deletes an image and schedules the deletion of its object. Returns it with its product.
pub async fn delete(state: &State, admin: Admin, id: ImageId) -> Result<(StoredImage, Product)> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let (product, image, others) = lock_image(&transaction, id).await?;
    product::service::variants::clear_image(&transaction, id, now).await?;
    repository::delete(&transaction, &image).await?;
    // Positions stay dense.
    repository::set_positions(&transaction, product.id, &others).await?;
    media::service::enqueue_deletions(&transaction, [image.object_key.clone()], now).await?;
    let entry = Entry::new("deleteProductImage")
        .about(id)
        .called(&product.name)
        .change_text("alt", Some(&image.alt), None);
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok((image.into(), product))
}

/// Locks the product of an image until the transaction ends. Returns it with the image and the IDs of the others, by
/// position.
async fn lock_image(
    transaction: &Transaction,
    id: ImageId,
) -> Result<(Product, Model, Vec<ImageId>)> {
    let missing = || UserError::new(UserErrorCode::NotFound, "id", "There is no such image.");
    let image = repository::find(transaction, id).await?;
    let image = image.ok_or_else(missing)?;
    let (product, images) = gallery::lock(transaction, image.product_id).await?;
    // The image may have been deleted while this transaction waited.
    let found = images.iter().find(|image| image.id == id).cloned();
    let others = images.iter().map(|image| image.id);
    let others = others.filter(|other| *other != id).collect();
    Ok((product, found.ok_or_else(missing)?, others))
}
