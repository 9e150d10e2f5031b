//! Pictures of users in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};

use super::service;
use crate::accounts::user::UserId;
use crate::accounts::user::graphql::{ById, User};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;
use crate::graphql::upload::Upload;
use crate::platform::media::graphql::Image;
use crate::platform::media::{ImageId, Picture};

/// Loads the picture of a user whom the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AvatarOf(pub UserId);

impl Load<AvatarOf> for LoadContext {
    type Value = Picture;

    async fn load(&self, keys: &[AvatarOf]) -> Result<HashMap<AvatarOf, Picture>> {
        let users: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::of_users(&self.state.db, &users).await?.into_iter();
        Ok(found.map(|(id, row)| (AvatarOf(id), row)).collect())
    }
}

/// A picture by its id, when it is of a user whom the viewer may see.
pub async fn find(ctx: &Context<'_>, id: ImageId) -> Result<Option<Image>> {
    let found = service::find(&ctx.state().db, ctx.viewer(), id).await?;
    Ok(found.map(Image))
}

/// The root fields that change pictures of users.
#[derive(Debug, Default)]
pub struct AvatarMutation;

#[Object]
impl AvatarMutation {
    /// Makes a file your picture, in the place of the one before: a JPEG, PNG or WebP of at most 5 MiB and 25 megapixels,
    /// unless the operator says otherwise. What a photo tells of where and when it was taken is removed.
    ///
    /// User errors: `BAD_USER_INPUT` when the file is no such picture. Errors: `PAYLOAD_TOO_LARGE`, `BAD_REQUEST` for a
    /// file that breaks off, `REQUEST_TIMEOUT` for one that comes too slowly, `RATE_LIMITED`, `SERVICE_UNAVAILABLE` when
    /// the store can't be reached.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn upload_avatar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] file: Upload,
    ) -> Result<UploadAvatarPayload> {
        answer(upload(ctx, file).await)
    }

    /// Takes your picture away, for good. It is no error when there is none.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn delete_avatar(&self, ctx: &Context<'_>) -> Result<DeleteAvatarPayload> {
        let who = ctx.viewer().signed_in()?;
        let avatar = service::delete(ctx.state(), who).await?;
        let user = ctx.load(ById(who.user())).await?.map(User);
        Ok((avatar, user).into())
    }
}

async fn upload(ctx: &Context<'_>, file: Upload) -> Result<(Picture, Option<User>)> {
    let (state, who) = (ctx.state(), ctx.viewer().signed_in()?);
    service::admit(state, who).await?;
    let most = state.config.uploads.image_max_bytes;
    let file = file.open(ctx, "file", most).await?;
    let picture = service::upload(state, who, file).await?;
    Ok((picture, ctx.load(ById(who.user())).await?.map(User)))
}

crate::payload! {
    /// Payload of `uploadAvatar`.
    UploadAvatarPayload,
    ((Picture, Option<User>) as (avatar, user)) {
        /// Your new image.
        avatar: Option<Image> = Some(Image(avatar)),
        /// You, with it.
        user: Option<User> = user,
    }
}

crate::payload! {
    /// Payload of `deleteAvatar`.
    DeleteAvatarPayload,
    ((Option<Picture>, Option<User>) as (avatar, user)) {
        /// The id of the deleted image. Null if there was none.
        avatar_id: Option<ID> = avatar.as_ref().map(|avatar| avatar.id.encode().into()),
        /// The image as it was. Its file is removed soon after.
        avatar: Option<Image> = avatar.map(Image),
        /// You, without it.
        user: Option<User> = user,
    }
}
