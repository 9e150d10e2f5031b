//! Product image service: reads with visibility rules, deletion with the product, and the use cases in submodules.

mod direct;
mod edit;
mod fetch;
mod gallery;
mod known;
mod upload;

pub use direct::{NewUpload, PresignedUpload, complete, create_upload, delete_expired};
pub use edit::{delete, reorder, update_alt};
pub use fetch::{FetchImages, ImagesToFetch, Source, queue_fetches};
pub use gallery::{ImageDetails, MAX_ALT, MAX_IMAGES, check_alt, folder};
pub use known::KnownImages;
pub use upload::{FILE_FIELDS, upload};

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::entity::Model as Image;
use super::repository;
use crate::catalog::product::entity::Model as Product;
use crate::catalog::product::{self, ProductId};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::viewer::{Admin, Audience};
use crate::infra::database::{Connection, Database, Transaction};
use crate::platform::media::service::{ImageOwner, Stored};
use crate::platform::media::{self, ImageId, StoredImage};
use crate::state::State;

/// Returns the images of `ids` whose products the audience may see.
pub async fn find_many(
    db: &Database,
    audience: Audience,
    ids: &[ImageId],
) -> Result<HashMap<ImageId, StoredImage>> {
    let found = repository::find_many(db.reader(), audience, ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row.into())).collect())
}

/// Returns the galleries of products, or the first images of each. The caller has checked that the products are
/// visible.
pub async fn find_by_products(
    db: &Database,
    products: &[ProductId],
    first: Option<u32>,
) -> Result<HashMap<ProductId, Vec<StoredImage>>> {
    let mut galleries: HashMap<ProductId, Vec<StoredImage>> = HashMap::new();
    for image in repository::find_by_products(db.reader(), products, first).await? {
        let gallery = galleries.entry(image.product_id).or_default();
        gallery.push(image.into());
    }
    Ok(galleries)
}

/// Returns the images of these products by position. Products without any are absent.
pub async fn images_of(
    db: &impl Connection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<Image>>> {
    let mut galleries: HashMap<_, Vec<_>> = HashMap::new();
    if products.is_empty() {
        return Ok(galleries);
    }
    for image in repository::find_by_products(db, products, None).await? {
        galleries.entry(image.product_id).or_default().push(image);
    }
    Ok(galleries)
}

/// Returns the first images of these products. Products without any are absent.
pub async fn first_images_of(
    db: &impl Connection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, ImageId>> {
    let found = repository::find_by_products(db, products, Some(1)).await?;
    Ok(found
        .into_iter()
        .map(|image| (image.product_id, image.id))
        .collect())
}

/// Deletes a product with its images. Returns the product as it was.
pub async fn delete_product(
    state: &State,
    admin: Admin,
    id: ProductId,
    expected_version: Option<i32>,
) -> Result<Product> {
    let transaction = state.db.begin().await?;
    let product = product::service::lock(&transaction, id, expected_version).await?;
    let keys = repository::delete_of_product(&transaction, id).await?;
    media::service::enqueue_deletions(&transaction, keys, state.clock.now()).await?;
    product::service::delete_in(&transaction, state, admin, &product).await?;
    transaction.commit().await?;
    Ok(product)
}

/// Owns the images of products.
#[derive(Debug)]
pub struct ProductImages;

impl ImageOwner for ProductImages {
    const RESIZE: &'static str = "product_image.resize";

    async fn set_sized(state: &State, key: &str) -> Result<bool> {
        let transaction = state.db.begin().await?;
        let found = repository::set_sized(&transaction, key, state.clock.now()).await?;
        transaction.commit().await?;
        Ok(found)
    }
}

/// Adds stored images to products, in this order. Skips products that already have images or no longer exist; their
/// objects are deleted.
pub async fn add_catalog_images(
    transaction: &Transaction,
    additions: Vec<(ProductId, &Stored, ImageDetails)>,
    now: Timestamp,
) -> Result<()> {
    let mut next: HashMap<ProductId, Option<i32>> = HashMap::new();
    let mut rows = Vec::new();
    for (product, stored, details) in additions {
        if let Entry::Vacant(vacant) = next.entry(product) {
            vacant.insert(match gallery::lock(transaction, product).await {
                Ok((_, images)) => images.is_empty().then_some(0),
                Err(Error::Refused(_)) => None,
                Err(error) => return Err(error),
            });
        }
        let Some(Some(position)) = next.get_mut(&product) else {
            continue;
        };
        stored.keep::<ProductImages>(transaction, now).await?;
        rows.push(gallery::row(stored, product, *position, details, now));
        *position += 1;
    }
    Ok(repository::insert_many(transaction, rows).await?)
}
