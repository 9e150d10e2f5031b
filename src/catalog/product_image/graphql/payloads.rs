//! What the mutations on pictures answer.

use async_graphql::{ID, SimpleObject};

use super::direct::ImageUpload;
use super::id;
use crate::catalog::product::entity::Model as ProductRow;
use crate::catalog::product::graphql::Product;
use crate::catalog::product_image::service::Announced;
use crate::core::error::UserError;
use crate::platform::media::Picture;
use crate::platform::media::graphql::Image;

/// What came of `uploadProductImages`.
#[derive(Debug, Default, SimpleObject)]
pub struct UploadProductImagesPayload {
    /// The new pictures, in the order of the files. Empty when none was added.
    images: Vec<Image>,
    /// Why none was added; empty when all were.
    user_errors: Vec<UserError>,
}

/// What came of `updateProductImage`.
#[derive(Debug, Default, SimpleObject)]
pub struct UpdateProductImagePayload {
    /// The picture as it is now.
    image: Option<Image>,
    /// Why nothing was changed; empty when it was.
    user_errors: Vec<UserError>,
}

/// What came of `reorderProductImages`.
#[derive(Debug, Default, SimpleObject)]
pub struct ReorderProductImagesPayload {
    /// The pictures of the product in their new order. Empty when nothing was changed.
    images: Vec<Image>,
    /// Why nothing was changed; empty when it was.
    user_errors: Vec<UserError>,
}

/// Payload of `deleteProductImage`.
#[derive(Debug, Default, SimpleObject)]
pub struct DeleteProductImagePayload {
    /// The id of the deleted image. Null if nothing was deleted.
    image_id: Option<ID>,
    /// The image as it was. Its file is removed soon after.
    image: Option<Image>,
    /// The product that it was of, without it.
    product: Option<Product>,
    /// Why it was not deleted. Empty on success.
    user_errors: Vec<UserError>,
}

/// What came of `createImageUpload`.
#[derive(Debug, Default, SimpleObject)]
pub struct CreateImageUploadPayload {
    /// Where and how to send the file.
    upload: Option<ImageUpload>,
    /// Why there is nowhere to send it; empty when there is.
    user_errors: Vec<UserError>,
}

/// What came of `completeImageUpload`.
#[derive(Debug, Default, SimpleObject)]
pub struct CompleteImageUploadPayload {
    /// The new picture.
    image: Option<Image>,
    /// Why it was not added; empty when it was.
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
