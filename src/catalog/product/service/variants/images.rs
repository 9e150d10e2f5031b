//! The images that variants show: those of their product.

use std::collections::HashMap;

use crate::catalog::product::ProductId;
use crate::catalog::product::repository::variants as repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::infra::database::Transaction;
use crate::platform::media::ImageId;

/// Returns the products of these images.
pub async fn galleries(
    transaction: &Transaction,
    images: impl Iterator<Item = ImageId>,
) -> Result<HashMap<ImageId, ProductId>> {
    let images: Vec<_> = images.collect();
    if images.is_empty() {
        return Ok(HashMap::new());
    }
    let owners = repository::products_of_images(transaction, &images).await?;
    Ok(owners.into_iter().collect())
}

/// Checks that a product has this image.
pub async fn check(
    transaction: &Transaction,
    product: ProductId,
    image: Option<ImageId>,
) -> Result<()> {
    let Some(image) = image else { return Ok(()) };
    let galleries = galleries(transaction, [image].into_iter()).await?;
    if galleries.get(&image) == Some(&product) {
        Ok(())
    } else {
        Err(missing("imageId").into())
    }
}

/// Removes an image that is to be deleted from the variants that show it, as a change of them. The caller has locked the
/// product and touches it.
pub async fn clear(transaction: &Transaction, image: ImageId, now: Timestamp) -> Result<()> {
    Ok(repository::clear_image(transaction, image, now).await?)
}

/// The error of an image that the product does not have.
pub fn missing(path: &str) -> UserError {
    let message = "The product has no such image.";
    UserError::new(UserErrorCode::NotFound, path, message)
}
