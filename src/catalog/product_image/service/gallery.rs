//! The gallery of a product. Changes are serialized by a lock on the product.

use super::ProductImages;
use crate::catalog::product::entity::Model as Product;
use crate::catalog::product::{self, ProductId};
use crate::catalog::product_image::entity::Model;
use crate::catalog::product_image::repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::text;
use crate::infra::database::Transaction;
use crate::platform::media::ImageId;
use crate::platform::media::service::Stored;

/// Maximum number of images per product.
pub const MAX_IMAGES: usize = 50;
/// Maximum length of an alternative text in characters.
pub const MAX_ALT: usize = 500;

/// Returns the key prefix of a product's images in the object store.
pub fn folder(product: ProductId) -> String {
    format!("products/{}", product.encode())
}

/// Validates an alternative text: one line, may be empty.
pub fn check_alt(alt: &str) -> Result<String, &'static str> {
    let alt = text::normalise(alt.trim());
    if alt.chars().any(char::is_control) {
        return Err("Control characters are not allowed.");
    }
    if alt.chars().nth(MAX_ALT).is_some() {
        return Err("At most 500 characters are allowed.");
    }
    Ok(alt)
}

/// Locks a product until the transaction ends. Returns it with its images by position.
pub(super) async fn lock(
    transaction: &Transaction,
    id: ProductId,
) -> Result<(Product, Vec<Model>)> {
    let product = product::service::lock(transaction, id, None).await;
    let product = product.map_err(named)?;
    let images = repository::find_by_products(transaction, &[id], None).await?;
    Ok((product, images))
}

/// Rejects new images that would exceed the maximum.
pub(super) fn check_image_limit(present: usize, new: usize) -> Result<()> {
    if present + new <= MAX_IMAGES {
        return Ok(());
    }
    let message =
        format!("A product can have at most {MAX_IMAGES} images; this one has {present}.");
    Err(UserError::new(UserErrorCode::Conflict, "productId", message).into())
}

/// Renames the field of the error: here the product is not called `id`.
fn named(error: Error) -> Error {
    match error {
        Error::Refused(mut errors) => {
            for error in &mut errors {
                error.field = Some("productId".to_owned());
            }
            Error::Refused(errors)
        }
        other => other,
    }
}

/// Properties of a new image that are not derived from the file.
#[derive(Clone, Debug)]
pub struct ImageDetails {
    pub alt: String,
    pub source_url: Option<String>,
}

/// Builds the row of a stored image.
pub(super) fn row(
    stored: &Stored,
    product_id: ProductId,
    position: i32,
    details: ImageDetails,
    now: Timestamp,
) -> Model {
    Model {
        id: ImageId::generate(now),
        product_id,
        position,
        object_key: stored.key.clone(),
        content_type: stored.content_type.to_owned(),
        width: stored.width,
        height: stored.height,
        bytes: stored.bytes,
        alt: details.alt,
        placeholder: Some(stored.placeholder.clone()),
        sized_at: None,
        source_url: details.source_url,
        created_at: now,
    }
}

/// Adds stored images to the end of a gallery. Returns their rows.
pub(super) async fn append(
    transaction: &Transaction,
    gallery: &(Product, Vec<Model>),
    images: Vec<(&Stored, ImageDetails)>,
    now: Timestamp,
) -> Result<Vec<Model>> {
    let (product, present) = gallery;
    check_image_limit(present.len(), images.len())?;
    let next = present.last().map_or(0, |last| last.position + 1);
    let mut rows = Vec::new();
    for ((stored, details), position) in images.into_iter().zip(next..) {
        stored.keep::<ProductImages>(transaction, now).await?;
        rows.push(row(stored, product.id, position, details, now));
    }
    repository::insert_many(transaction, rows.clone()).await?;
    Ok(rows)
}
