//! Inputs of the product image mutations.

use async_graphql::{ID, InputObject};

use crate::catalog::product::ProductId;
use crate::catalog::product_image::service::{MAX_IMAGES, NewUpload};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::graphql::upload::Upload;
use crate::platform::media::ImageId;

/// Input of `uploadProductImages`.
#[derive(Debug, InputObject)]
pub struct UploadProductImagesInput {
    /// The id of the product.
    pub product_id: ID,
    /// The image files, 1 to 5, in the order of the multipart request.
    pub files: Vec<Upload>,
    /// Alternative texts, in the order of `files`. At most 500 characters each. Default: empty.
    pub alts: Option<Vec<String>>,
}

/// Input of `updateProductImage`.
#[derive(Debug, InputObject)]
pub struct UpdateProductImageInput {
    /// The id of the image.
    pub id: ID,
    /// Alternative text for users who can't see the image. At most 500 characters; may be empty.
    pub alt: String,
}

/// Input of `reorderProductImages`.
#[derive(Debug, InputObject)]
pub struct ReorderProductImagesInput {
    /// The id of the product.
    product_id: ID,
    /// The ids of all images of the product, in the new order.
    image_ids: Vec<ID>,
}

impl ReorderProductImagesInput {
    pub fn check(&self) -> Result<(ProductId, Vec<ImageId>)> {
        let mut validator = Validator::default();
        let product = validator.id("productId", &self.product_id);
        if self.image_ids.len() > MAX_IMAGES {
            let message = format!("At most {MAX_IMAGES} ids are allowed.");
            validator.check::<()>("imageIds", Err(message));
        }
        let ids = self.image_ids.iter().take(MAX_IMAGES);
        let ids: Vec<_> = ids.filter_map(|id| validator.id("imageIds", id)).collect();
        match product {
            Some(product) if validator.is_valid() => Ok((product, ids)),
            _ => Err(validator.refusal()),
        }
    }
}

/// Input of `deleteProductImage`.
#[derive(Debug, InputObject)]
pub struct DeleteProductImageInput {
    /// The id of the image to delete.
    pub id: ID,
}

/// Input of `createImageUpload`.
#[derive(Debug, InputObject)]
pub struct CreateImageUploadInput {
    /// The id of the product.
    product_id: ID,
    /// Media type of the file: `image/jpeg`, `image/png` or `image/webp`. Aliases (`image/jpg`, `image/pjpeg`,
    /// `image/x-png`), upper case and parameters are accepted. Upload the file with the `content-type` from
    /// `ImageUpload.headers`.
    content_type: String,
    /// Exact size of the file in bytes.
    bytes: i32,
    /// Alternative text, at most 500 characters. Default: empty.
    alt: Option<String>,
}

impl CreateImageUploadInput {
    pub fn check(self) -> Result<NewUpload, Error> {
        Ok(NewUpload {
            product: ProductId::parse(&self.product_id, "productId")?,
            content_type: self.content_type,
            bytes: self.bytes,
            alt: self.alt.unwrap_or_default(),
        })
    }
}

/// Input of `completeImageUpload`.
#[derive(Debug, InputObject)]
pub struct CompleteImageUploadInput {
    /// The id of the upload: `upl_...`.
    pub id: ID,
}
