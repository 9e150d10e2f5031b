//! GraphQL API of avatars.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};

use super::service;
use crate::accounts::user::UserId;
use crate::accounts::user::graphql::{ById, User};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::graphql::upload::Upload;
use crate::platform::media::graphql::Image;
use crate::platform::media::{ImageId, StoredImage};

/// Key that loads the avatar of a user. The caller must have checked that the viewer may see the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AvatarOf(pub UserId);

impl Load<AvatarOf> for LoadContext {
    type Value = StoredImage;

    async fn load(&self, keys: &[AvatarOf]) -> Result<HashMap<AvatarOf, StoredImage>> {
        let users: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_by_users(&self.state.db, &users)
            .await?
            .into_iter();
        Ok(found.map(|(id, row)| (AvatarOf(id), row)).collect())
    }
}

/// Finds an avatar by id if the viewer may see its user.
pub async fn find(ctx: &Context<'_>, id: ImageId) -> Result<Option<Image>> {
    let found = service::find(&ctx.state().db, ctx.viewer(), id).await?;
    Ok(found.map(Image))
}

/// Root fields that change avatars.
#[derive(Debug, Default)]
pub struct AvatarMutation;

#[Object]
impl AvatarMutation {
    /// Uploads your avatar and replaces the previous one. Accepts JPEG, PNG and WebP files of at most 5 MiB and 25
    /// megapixels, unless configured otherwise (`Shop.limits`). Metadata about place, time and author is removed.
    ///
    /// User errors: `BAD_USER_INPUT` if the file is not a valid image. Errors: `PAYLOAD_TOO_LARGE`, `BAD_REQUEST` if
    /// the file is incomplete, `REQUEST_TIMEOUT` if it arrives too slowly, `RATE_LIMITED`, `SERVICE_UNAVAILABLE` if
    /// the store can't be reached.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn upload_avatar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The image file.")] file: Upload,
    ) -> Result<UploadAvatarPayload> {
        into_payload(upload(ctx, file).await)
    }

    /// Permanently deletes your avatar. Succeeds if there is none.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn delete_avatar(&self, ctx: &Context<'_>) -> Result<DeleteAvatarPayload> {
        let caller = ctx.viewer().signed_in()?;
        let avatar = service::delete(ctx.state(), caller).await?;
        let user = ctx.load(ById(caller.user())).await?.map(User);
        Ok((avatar, user).into())
    }
}

async fn upload(ctx: &Context<'_>, file: Upload) -> Result<(StoredImage, Option<User>)> {
    let (state, caller) = (ctx.state(), ctx.viewer().signed_in()?);
    service::check_rate_limit(state, caller).await?;
    let max_bytes = state.config.uploads.image_max_bytes;
    let file = file.open(ctx, "file", max_bytes).await?;
    let image = service::upload(state, caller, file).await?;
    Ok((image, ctx.load(ById(caller.user())).await?.map(User)))
}

crate::payload! {
    /// Payload of `uploadAvatar`.
    UploadAvatarPayload,
    ((StoredImage, Option<User>) as (avatar, user)) {
        /// Your new avatar. Null if nothing was changed.
        avatar: Option<Image> = Some(Image(avatar)),
        /// Your user account with the new avatar. Null if nothing was changed.
        user: Option<User> = user,
    }
}

crate::payload! {
    /// Payload of `deleteAvatar`.
    DeleteAvatarPayload,
    ((Option<StoredImage>, Option<User>) as (avatar, user)) {
        /// The id of the deleted image. Null if there was none.
        avatar_id: Option<ID> = avatar.as_ref().map(|avatar| avatar.id.encode().into()),
        /// The image as it was. Its file is removed soon after.
        avatar: Option<Image> = avatar.map(Image),
        /// Your user account without the avatar. Null on error.
        user: Option<User> = user,
    }
}
