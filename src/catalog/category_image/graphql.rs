//! GraphQL API of category images.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object};

use super::service;
use crate::catalog::category::CategoryId;
use crate::catalog::category::entity::Model as CategoryRow;
use crate::catalog::category::graphql::Category;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::graphql::upload::Upload;
use crate::payload;
use crate::platform::media::graphql::Image;
use crate::platform::media::{ImageId, StoredImage};

/// Loads the image of a category that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageOf(pub CategoryId);

impl Load<ImageOf> for LoadContext {
    type Value = StoredImage;

    async fn load(&self, keys: &[ImageOf]) -> Result<HashMap<ImageOf, StoredImage>> {
        let categories: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_by_categories(&self.state.db, &categories).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, image)| (ImageOf(id), image)).collect())
    }
}

crate::load_by_id!(
    /// Loads category images by ID.
    ById,
    ImageId,
    StoredImage,
    service
);

/// Input of `uploadCategoryImage`.
#[derive(Debug, InputObject)]
pub struct UploadCategoryImageInput {
    /// The id of the category.
    category_id: ID,
    /// The image file.
    file: Upload,
    /// Alternative text for users who can't see the image. At most 500 characters. Default: empty.
    alt: Option<String>,
}

/// Input of `updateCategoryImage`.
#[derive(Debug, InputObject)]
pub struct UpdateCategoryImageInput {
    /// The id of the category.
    category_id: ID,
    /// Alternative text for users who can't see the image. At most 500 characters; may be empty.
    alt: String,
}

/// Input of `deleteCategoryImage`.
#[derive(Debug, InputObject)]
pub struct DeleteCategoryImageInput {
    /// The id of the category.
    category_id: ID,
}

/// Root fields that change category images.
#[derive(Debug, Default)]
pub struct CategoryImageMutation;

#[Object]
impl CategoryImageMutation {
    /// Uploads the image of a category and replaces the previous one. Accepts JPEG, PNG and WebP files of at most 5 MiB
    /// and 25 megapixels, unless configured otherwise (`Shop.limits`). Metadata about place, time and author is removed.
    ///
    /// User errors: `BAD_USER_INPUT`, also if the file is not an accepted image; `NOT_FOUND` for the category. Errors:
    /// `PAYLOAD_TOO_LARGE` for a file above the size limit, `BAD_REQUEST` for an incomplete file, `REQUEST_TIMEOUT` for
    /// a file that arrives too slowly, `SERVICE_UNAVAILABLE` if the object store is unreachable.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn upload_category_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category and the file.")] input: UploadCategoryImageInput,
    ) -> Result<UploadCategoryImagePayload> {
        into_payload(upload(ctx, input).await)
    }

    /// Updates the alternative text of the image of a category.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the category, and if it has no image.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn update_category_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category and the alternative text.")] input: UpdateCategoryImageInput,
    ) -> Result<UpdateCategoryImagePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = CategoryId::parse(&input.category_id, "categoryId")?;
            service::update_alt(state, admin, id, &input.alt).await
        };
        into_payload(done.await)
    }

    /// Permanently deletes the image of a category. Succeeds if there is none. A background job then deletes its files
    /// from the object store.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_FOUND` for the category.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn delete_category_image(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category.")] input: DeleteCategoryImageInput,
    ) -> Result<DeleteCategoryImagePayload> {
        let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
        let done = async {
            let id = CategoryId::parse(&input.category_id, "categoryId")?;
            service::delete(state, admin, id).await
        };
        into_payload(done.await)
    }
}

async fn upload(
    ctx: &Context<'_>,
    input: UploadCategoryImageInput,
) -> Result<(StoredImage, CategoryRow)> {
    let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
    let id = CategoryId::parse(&input.category_id, "categoryId")?;
    let alt = service::check_upload(state, id, input.alt.as_deref()).await?;
    let max_bytes = state.config.uploads.image_max_bytes;
    let file = input.file.open(ctx, "file", max_bytes).await?;
    service::upload(state, admin, id, alt, file).await
}

payload! {
    /// Payload of `uploadCategoryImage`.
    UploadCategoryImagePayload,
    /// Payload of `updateCategoryImage`.
    UpdateCategoryImagePayload,
    ((StoredImage, CategoryRow) as (image, category)) {
        /// The image in its new state. Null if nothing was changed.
        image: Option<Image> = Some(Image(image)),
        /// The category. Null if nothing was changed.
        category: Option<Category> = Some(Category(category)),
    }
}

payload! {
    /// Payload of `deleteCategoryImage`.
    DeleteCategoryImagePayload,
    ((Option<StoredImage>, CategoryRow) as (image, category)) {
        /// The id of the deleted image. Null if there was none.
        image_id: Option<ID> = image.as_ref().map(|image| image.id.encode().into()),
        /// The image as it was. Its file is removed soon after.
        image: Option<Image> = image.map(Image),
        /// The category without the image. Null on error.
        category: Option<Category> = Some(Category(category)),
    }
}
