//! GraphQL API of product images.

mod direct;
mod inputs;
mod loaders;
mod payloads;

pub use loaders::{ById, load_first_images};

use async_graphql::{Context, ID, Object};

use self::inputs::{
    CompleteImageUploadInput, CreateImageUploadInput, DeleteProductImageInput,
    ReorderProductImagesInput, UpdateProductImageInput, UploadProductImagesInput,
};
use self::payloads::{
    CompleteImageUploadPayload, CreateImageUploadPayload, DeleteProductImagePayload,
    ReorderProductImagesPayload, UpdateProductImagePayload, UploadProductImagesPayload,
};
use super::service;
use crate::catalog::product::ProductId;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
pub use crate::platform::media::graphql::Image;
use crate::platform::media::{ImageId, StoredImage};

/// Root fields that change product images.
#[derive(Debug, Default)]
pub struct ProductImageMutation;

#[Object]
impl ProductImageMutation {
    /// Adds images to the end of a product's gallery, either all or none. Accepts JPEG, PNG and WebP files of at most
    /// 5 MiB and 25 megapixels, unless configured otherwise (`Shop.limits`). Files are streamed to the object store.
    /// Metadata about place, time and author is removed without recompressing the image.
    ///
    /// User errors: `BAD_USER_INPUT`, with a field such as `files.0` for a file that is not an accepted image;
    /// `NOT_FOUND` for the product; `CONFLICT` if the gallery would exceed 50 images. Errors: `PAYLOAD_TOO_LARGE` for
    /// a file above the size limit, `BAD_REQUEST` for an incomplete file, `REQUEST_TIMEOUT` for a file that arrives
    /// too slowly, `SERVICE_UNAVAILABLE` if the object store is unreachable.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn upload_product_images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and the files.")] input: UploadProductImagesInput,
    ) -> Result<UploadProductImagesPayload> {
        into_payload(upload(ctx, input).await)
    }

    /// Updates the alternative text of an image.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_product_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The image and its new alternative text.")] input: UpdateProductImageInput,
    ) -> Result<UpdateProductImagePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ImageId::parse(&input.id, "id")?;
            service::update_alt(state, admin, id, &input.alt).await
        };
        into_payload(done.await)
    }

    /// Reorders the images of a product. Product lists show the first one.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the product, and for an image of another product; `CONFLICT` if
    /// `imageIds` does not contain each image of the product exactly once.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn reorder_product_images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product and the new order.")] input: ReorderProductImagesInput,
    ) -> Result<ReorderProductImagesPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let (product, order) = input.check()?;
            service::reorder(state, admin, product, &order).await
        };
        into_payload(done.await)
    }

    /// Permanently deletes an image of a product. A background job then deletes its files from the object store.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_product_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The image to delete.")] input: DeleteProductImageInput,
    ) -> Result<DeleteProductImagePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ImageId::parse(&input.id, "id")?;
            service::delete(state, admin, id).await
        };
        into_payload(done.await)
    }

    /// Starts a direct upload: the client sends the file to the object store, not through this server. For files of
    /// up to 20 MiB, unless configured otherwise (`Shop.limits`), and for background transfers on phones. Send the
    /// file by PUT to `url` with `headers`, then call `completeImageUpload`.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the product; `CONFLICT` if its gallery is full (50 images).
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_image_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product, and the type and size of the file.")]
        input: CreateImageUploadInput,
    ) -> Result<CreateImageUploadPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let new = input.check()?;
            service::create_upload(state, admin, new).await
        };
        into_payload(done.await)
    }

    /// Completes a direct upload: adds the uploaded image to the end of the product's gallery, under the rules of
    /// `uploadProductImages`.
    ///
    /// User errors: `BAD_USER_INPUT` if the file differs from the declared type or size, or is not an accepted image;
    /// `NOT_FOUND` if the upload does not exist or has expired, or if no file was uploaded; `CONFLICT` if the gallery
    /// is full. Errors: `SERVICE_UNAVAILABLE` if the object store is unreachable.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn complete_image_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The upload to complete.")] input: CompleteImageUploadInput,
    ) -> Result<CompleteImageUploadPayload> {
        into_payload(direct::complete(ctx, &input.id).await)
    }
}

async fn upload(ctx: &Context<'_>, input: UploadProductImagesInput) -> Result<Vec<StoredImage>> {
    let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
    let product = ProductId::parse(&input.product_id, "productId")?;
    let max_bytes = state.config.uploads.image_max_bytes;
    let count = input.files.len();
    let files = input.files;
    let open = |number: usize| {
        let opened = files.get(number).zip(service::FILE_FIELDS.get(number));
        let opened = opened.map(|(file, field)| file.open(ctx, field, max_bytes));
        let missing = || Error::bad_input("files", "The file is missing.");
        Box::pin(async move {
            match opened {
                Some(opened) => opened.await,
                None => Err(missing()),
            }
        }) as _
    };
    service::upload(state, admin, product, (count, input.alts), open).await
}

/// Encodes an image id for the API.
fn id(id: ImageId) -> ID {
    id.encode().into()
}
