//! The gallery of a product: its pictures in their order, changed by one at a time.

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

/// How many pictures a product may have.
pub const MAX_IMAGES: usize = 50;
/// How many characters the description of a picture may have.
pub const MAX_ALT: usize = 500;

/// Where the pictures of a product are in the store.
pub fn folder(product: ProductId) -> String {
    format!("products/{}", product.encode())
}

/// What a picture shows, on one line. It may be empty.
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

/// A product and its pictures in their order, which nobody else changes until the transaction ends.
pub(super) async fn lock(
    transaction: &Transaction,
    id: ProductId,
) -> Result<(Product, Vec<Model>)> {
    let product = product::service::lock(transaction, id, None).await;
    let product = product.map_err(named)?;
    let images = repository::find_by_products(transaction, &[id], None).await?;
    Ok((product, images))
}

/// Refuses more pictures than a product may have.
pub(super) fn check_room(present: usize, new: usize) -> Result<()> {
    if present + new <= MAX_IMAGES {
        return Ok(());
    }
    let message = format!("A product has {MAX_IMAGES} pictures at the most; it has {present}.");
    Err(UserError::new(UserErrorCode::Conflict, "productId", message).into())
}

/// Here the product is not called `id`.
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

/// What is said of a new picture beside what is in the store.
#[derive(Clone, Debug)]
pub struct Described {
    pub alt: String,
    pub source_url: Option<String>,
}

/// The row of a picture that is in the store.
pub(super) fn row(
    stored: &Stored,
    product_id: ProductId,
    position: i32,
    described: Described,
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
        alt: described.alt,
        placeholder: Some(stored.placeholder.clone()),
        sized_at: None,
        source_url: described.source_url,
        created_at: now,
    }
}

/// Adds pictures that are in the store to the end of a gallery; gives their rows.
pub(super) async fn append(
    transaction: &Transaction,
    gallery: &(Product, Vec<Model>),
    pictures: Vec<(&Stored, Described)>,
    now: Timestamp,
) -> Result<Vec<Model>> {
    let (product, present) = gallery;
    check_room(present.len(), pictures.len())?;
    let next = present.last().map_or(0, |last| last.position + 1);
    let mut rows = Vec::new();
    for ((stored, described), position) in pictures.into_iter().zip(next..) {
        stored.keep::<ProductImages>(transaction, now).await?;
        rows.push(row(stored, product.id, position, described, now));
    }
    repository::insert_many(transaction, rows.clone()).await?;
    Ok(rows)
}
