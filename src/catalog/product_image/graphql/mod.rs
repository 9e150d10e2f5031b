//! Pictures of products in the API.

mod direct;
mod inputs;
mod loaders;
mod payloads;

pub use loaders::{ById, first_images};

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
use crate::graphql::payload::answer;
use crate::platform::media::{ImageId, Picture};

/// The root fields that change pictures of products.
#[derive(Debug, Default)]
pub struct ProductImageMutation;

#[Object]
impl ProductImageMutation {
    /// Adds pictures to the end of a product's gallery: all or none. Each is a JPEG, PNG or WebP file of at most 5 MiB and
    /// 25 megapixels, unless the operator says otherwise. The files flow into the store while they come. What a photo
    /// tells of where, when and by whom it was taken is removed; it stays as sharp as it was.
    ///
    /// User errors: `BAD_USER_INPUT`, with a field such as `files.0` for a file that is no such picture; `NOT_FOUND` for the
    /// product; `CONFLICT` when the gallery is full (50). Errors: `PAYLOAD_TOO_LARGE` for a file above the limit,
    /// `BAD_REQUEST` for one that breaks off, `REQUEST_TIMEOUT` for one that comes too slowly, `SERVICE_UNAVAILABLE` when
    /// the store can't be reached.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn upload_product_images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which product, and the files.")] input: UploadProductImagesInput,
    ) -> Result<UploadProductImagesPayload> {
        answer(upload(ctx, input).await)
    }

    /// Says what a picture shows.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_product_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what.")] input: UpdateProductImageInput,
    ) -> Result<UpdateProductImagePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ImageId::parse(&input.id, "id")?;
            service::update_alt(state, admin, id, &input.alt).await
        };
        answer(done.await)
    }

    /// Puts the pictures of a product into another order. The first is the one that lists show.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the product, and for an image that it does not have; `CONFLICT` when the
    /// ids do not name each of its images once.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn reorder_product_images(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which product, and the order.")] input: ReorderProductImagesInput,
    ) -> Result<ReorderProductImagesPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let (product, order) = input.check()?;
            service::reorder(state, admin, product, &order).await
        };
        answer(done.await)
    }

    /// Removes a picture from its product, for good. Its file is removed from the store soon after.
    ///
    /// User errors: `BAD_USER_INPUT`, `NOT_FOUND`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_product_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteProductImageInput,
    ) -> Result<DeleteProductImagePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = ImageId::parse(&input.id, "id")?;
            service::delete(state, admin, id).await
        };
        answer(done.await)
    }

    /// Announces a picture that you then send to the store by yourself, past this server: for files of up to 20 MiB, unless
    /// the operator says otherwise, and for phones, whose systems go on sending in the background. Send it by PUT
    /// to the address, with the headers that are given, then call `completeImageUpload`.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the product; `CONFLICT` when its gallery is full.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn create_image_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which product, and what the file is.")] input: CreateImageUploadInput,
    ) -> Result<CreateImageUploadPayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let new = input.check()?;
            service::create_upload(state, admin, new).await
        };
        answer(done.await)
    }

    /// Takes a picture that you have sent to the store to the end of its product's gallery, by the rules of
    /// `uploadProductImages`.
    ///
    /// User errors: `BAD_USER_INPUT` when it is not the picture that was announced, or none that is taken; `NOT_FOUND`
    /// when there is no such upload, or it has expired, or nothing has arrived; `CONFLICT` when the gallery is full.
    /// Errors: `SERVICE_UNAVAILABLE` when the store can't be reached.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn complete_image_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CompleteImageUploadInput,
    ) -> Result<CompleteImageUploadPayload> {
        answer(direct::complete(ctx, &input.id).await)
    }
}

async fn upload(ctx: &Context<'_>, input: UploadProductImagesInput) -> Result<Vec<Picture>> {
    let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
    let product = ProductId::parse(&input.product_id, "productId")?;
    let most = state.config.uploads.image_max_bytes;
    let count = input.files.len();
    let files = input.files;
    let open = |number: usize| {
        let opened = files.get(number).zip(service::FILES.get(number));
        let opened = opened.map(|(file, field)| file.open(ctx, field, most));
        let missing = || Error::bad_input("files", "There is no such file.");
        Box::pin(async move {
            match opened {
                Some(opened) => opened.await,
                None => Err(missing()),
            }
        }) as _
    };
    service::upload(state, admin, product, (count, input.alts), open).await
}

/// The id of a picture, as the API shows it.
fn id(id: ImageId) -> ID {
    id.encode().into()
}
