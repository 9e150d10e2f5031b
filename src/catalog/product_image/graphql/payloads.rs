//! Payloads of the product image mutations.

use async_graphql::ID;

use super::direct::ImageUpload;
use super::id;
use crate::catalog::product::entity::Model as ProductRow;
use crate::catalog::product::graphql::Product;
use crate::catalog::product_image::service::PresignedUpload;
use crate::payload;
use crate::platform::media::StoredImage;
use crate::platform::media::graphql::Image;

payload! {
    /// Payload of `uploadProductImages`.
    UploadProductImagesPayload,
    /// Payload of `reorderProductImages`.
    ReorderProductImagesPayload,
    (Vec<StoredImage> as images) {
        /// `uploadProductImages`: the new images, in the order of the files. `reorderProductImages`: all images of the
        /// product, in the new order. Empty if nothing was changed.
        images: Vec<Image> = images.into_iter().map(Image).collect(),
    }
}

payload! {
    /// Payload of `updateProductImage`.
    UpdateProductImagePayload,
    /// Payload of `completeImageUpload`.
    CompleteImageUploadPayload,
    (StoredImage as image) {
        /// The image in its new state. Null if nothing was changed.
        image: Option<Image> = Some(Image(image)),
    }
}

payload! {
    /// Payload of `deleteProductImage`.
    DeleteProductImagePayload,
    ((StoredImage, ProductRow) as (image, product)) {
        /// The id of the deleted image. Null if nothing was deleted.
        image_id: Option<ID> = Some(id(image.id)),
        /// The image as it was. Its file is removed soon after.
        image: Option<Image> = Some(Image(image)),
        /// The product without the deleted image. Null if nothing was deleted.
        product: Option<Product> = Some(Product::new(product)),
    }
}

payload! {
    /// Payload of `createImageUpload`.
    CreateImageUploadPayload,
    (PresignedUpload as presigned) {
        /// The URL and the headers to upload the file with. Null if nothing was created.
        upload: Option<ImageUpload> = Some(ImageUpload(presigned)),
    }
}
