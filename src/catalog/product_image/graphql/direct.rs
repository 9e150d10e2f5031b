//! Direct uploads to the object store in the GraphQL API.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::catalog::product_image::ImageUploadId;
use crate::catalog::product_image::service::{self, PresignedUpload};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::platform::media::StoredImage;

/// A presigned upload as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ImageUpload(pub PresignedUpload);

/// A presigned upload: send one PUT request with the file to `url`, with these `headers`.
#[Object]
impl ImageUpload {
    /// The id for `completeImageUpload`: `upl_...`.
    async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Presigned URL. Anyone with this URL can upload the file: keep it secret.
    async fn url(&self) -> &str {
        &self.0.put.url
    }

    /// Headers to send unchanged with the file.
    async fn headers(&self) -> Vec<UploadHeader> {
        let headers = self.0.put.headers.iter().cloned();
        headers
            .map(|(name, value)| UploadHeader { name, value })
            .collect()
    }

    /// Expiration time. Upload the file and call `completeImageUpload` before it.
    async fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }
}

/// An HTTP header.
#[derive(Debug, SimpleObject)]
pub struct UploadHeader {
    /// Header name, such as `content-type`.
    name: String,
    /// Header value.
    value: String,
}

pub(super) async fn complete(ctx: &Context<'_>, id: &str) -> Result<StoredImage> {
    let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
    let id = ImageUploadId::parse(id, "id")?;
    Box::pin(service::complete(state, admin, id)).await
}
