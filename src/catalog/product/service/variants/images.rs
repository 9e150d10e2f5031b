//! The images that variants show: those of their product.

use std::collections::HashMap;

use super::changes::{Reason, VariantChanges};
use super::set::VariantSet;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::variant::{self, VariantId};
use crate::catalog::product::repository::variants as repository;
use crate::catalog::product::repository::{ChangedProduct, save_many, touch_product};
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
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

/// Makes variants of a product, which the caller has locked, show one of its images. `variants` are their ids; those
/// that no longer exist are skipped.
pub async fn show_image(
    transaction: &Transaction,
    product: &Model,
    image: ImageId,
    variants: &[String],
    now: Timestamp,
) -> Result<()> {
    let ids: Vec<_> = variants
        .iter()
        .filter_map(|id| VariantId::parse(id, "id").ok())
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let before = VariantSet::lock(transaction, product.id).await?;
    let mut after = before.clone();
    let shown = |row: &variant::Model| ids.contains(&row.id) && row.image_id != Some(image);
    for (row, _) in after.variants.iter_mut().filter(|(row, _)| shown(row)) {
        row.image_id = Some(image);
        row.version += 1;
        row.updated_at = now;
    }
    if before == after {
        return Ok(());
    }
    let mut changes = VariantChanges::new(Reason::counted(None), now);
    changes.update(&before, &after);
    touch_product(transaction, product.id);
    changes.write(transaction).await?;
    let mut next = product.clone();
    next.version += 1;
    next.updated_at = now;
    let saved = ChangedProduct {
        before: product.clone(),
        after: next,
    };
    Ok(save_many(transaction, vec![saved]).await?)
}
