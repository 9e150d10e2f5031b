//! What the mutations on pictures take.

use async_graphql::{ID, InputObject};

use crate::catalog::product::ProductId;
use crate::catalog::product_image::service::{MAX_IMAGES, NewUpload};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::validation::Form;
use crate::graphql::upload::Upload;
use crate::platform::media::ImageId;

/// Pictures for a product.
#[derive(Debug, InputObject)]
pub struct UploadProductImagesInput {
    /// Of which product.
    pub product_id: ID,
    /// The files, 1 to 5, in the order in which they are sent.
    pub files: Vec<Upload>,
    /// What each shows, in the order of the files: at most 500 characters each. Nothing when absent.
    pub alts: Option<Vec<String>>,
}

/// What a picture shows.
#[derive(Debug, InputObject)]
pub struct UpdateProductImageInput {
    /// Which picture.
    pub id: ID,
    /// What it shows, for those who can't see it: at most 500 characters, or none.
    pub alt: String,
}

/// An order of pictures.
#[derive(Debug, InputObject)]
pub struct ReorderProductImagesInput {
    /// Of which product.
    product_id: ID,
    /// All its pictures, in the new order.
    image_ids: Vec<ID>,
}

impl ReorderProductImagesInput {
    pub fn check(&self) -> Result<(ProductId, Vec<ImageId>)> {
        let mut form = Form::default();
        let product = form.id("productId", &self.product_id);
        if self.image_ids.len() > MAX_IMAGES {
            let message = format!("At most {MAX_IMAGES} ids are allowed.");
            form.check::<()>("imageIds", Err(message));
        }
        let ids = self.image_ids.iter().take(MAX_IMAGES);
        let ids: Vec<_> = ids.filter_map(|id| form.id("imageIds", id)).collect();
        match product {
            Some(product) if form.is_fine() => Ok((product, ids)),
            _ => Err(form.refusal()),
        }
    }
}

/// Which picture to remove.
#[derive(Debug, InputObject)]
pub struct DeleteProductImageInput {
    /// Its id.
    pub id: ID,
}

/// A picture that you will send to the store.
#[derive(Debug, InputObject)]
pub struct CreateImageUploadInput {
    /// Of which product.
    product_id: ID,
    /// Media type of the file: `image/jpeg`, `image/png` or `image/webp`. Other names of these types (`image/jpg`,
    /// `image/pjpeg`, `image/x-png`), upper case and parameters are accepted. Send the file with the `content-type` of
    /// `ImageUpload.headers`.
    content_type: String,
    /// How large the file is, to the byte.
    bytes: i32,
    /// What it shows: at most 500 characters. Nothing when absent.
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

/// Which picture has been sent.
#[derive(Debug, InputObject)]
pub struct CompleteImageUploadInput {
    /// The id of the upload: `upl_...`.
    pub id: ID,
}
