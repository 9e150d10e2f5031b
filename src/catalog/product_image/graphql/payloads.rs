//! Payloads of the product image mutations.

use async_graphql::{ID, SimpleObject};

use super::direct::ImageUpload;
use super::id;
use crate::catalog::product::entity::Model as ProductRow;
use crate::catalog::product::graphql::Product;
use crate::catalog::product_image::service::Announced;
use crate::core::error::UserError;
use crate::platform::media::Picture;
use crate::platform::media::graphql::Image;

/// Payload of `uploadProductImages`.
#[derive(Debug, Default, SimpleObject)]
pub struct UploadProductImagesPayload {
    /// The new images, in the order of the files. Empty on failure.
    images: Vec<Image>,
    /// The errors that prevented the upload. Empty on success.
    user_errors: Vec<UserError>,
}

/// Payload of `updateProductImage`.
#[derive(Debug, Default, SimpleObject)]
pub struct UpdateProductImagePayload {
    /// The updated image. Null on failure.
    image: Option<Image>,
    /// The errors that prevented the change. Empty on success.
    user_errors: Vec<UserError>,
}

/// Payload of `reorderProductImages`.
#[derive(Debug, Default, SimpleObject)]
pub struct ReorderProductImagesPayload {
    /// All images of the product in the new order. Empty on failure.
    images: Vec<Image>,
    /// The errors that prevented the change. Empty on success.
    user_errors: Vec<UserError>,
}

/// Payload of `deleteProductImage`.
#[derive(Debug, Default, SimpleObject)]
pub struct DeleteProductImagePayload {
    /// ID of the deleted image. Null if nothing was deleted.
    image_id: Option<ID>,
    /// The image as it was before deletion. Its files are deleted by a background job.
    image: Option<Image>,
    /// The product, without the image.
    product: Option<Product>,
    /// The errors that prevented the deletion. Empty on success.
    user_errors: Vec<UserError>,
}

/// Payload of `createImageUpload`.
#[derive(Debug, Default, SimpleObject)]
pub struct CreateImageUploadPayload {
    /// The presigned upload. Null on failure.
    upload: Option<ImageUpload>,
    /// The errors that prevented the creation. Empty on success.
    user_errors: Vec<UserError>,
}

/// Payload of `completeImageUpload`.
#[derive(Debug, Default, SimpleObject)]
pub struct CompleteImageUploadPayload {
    /// The new image. Null on failure.
    image: Option<Image>,
    /// The errors that prevented the completion. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload!(UploadProductImagesPayload);
crate::payload!(UpdateProductImagePayload);
crate::payload!(ReorderProductImagesPayload);
crate::payload!(DeleteProductImagePayload);
crate::payload!(CreateImageUploadPayload);
crate::payload!(CompleteImageUploadPayload);

impl From<Vec<Picture>> for UploadProductImagesPayload {
    fn from(images: Vec<Picture>) -> Self {
        Self {
            images: images.into_iter().map(Image).collect(),
            ..Self::default()
        }
    }
}

impl From<Picture> for UpdateProductImagePayload {
    fn from(image: Picture) -> Self {
        Self {
            image: Some(Image(image)),
            ..Self::default()
        }
    }
}

impl From<Vec<Picture>> for ReorderProductImagesPayload {
    fn from(images: Vec<Picture>) -> Self {
        Self {
            images: images.into_iter().map(Image).collect(),
            ..Self::default()
        }
    }
}

impl From<(Picture, ProductRow)> for DeleteProductImagePayload {
    fn from((image, product): (Picture, ProductRow)) -> Self {
        Self {
            image_id: Some(id(image.id)),
            image: Some(Image(image)),
            product: Some(Product::new(product)),
            ..Self::default()
        }
    }
}

impl From<Announced> for CreateImageUploadPayload {
    fn from(announced: Announced) -> Self {
        Self {
            upload: Some(ImageUpload(announced)),
            ..Self::default()
        }
    }
}

impl From<Picture> for CompleteImageUploadPayload {
    fn from(image: Picture) -> Self {
        Self {
            image: Some(Image(image)),
            ..Self::default()
        }
    }
}
