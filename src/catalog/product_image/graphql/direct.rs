//! Pictures that clients send to the store by themselves, in the API.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::catalog::product_image::ImageUploadId;
use crate::catalog::product_image::service::{self, Announced};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;
use crate::platform::media::Picture;

/// What a client needs to send a file to the store.
#[derive(Clone, Debug)]
pub struct ImageUpload(pub Announced);

/// Where and how to send a file to the store: by PUT, once, with these headers.
#[Object]
impl ImageUpload {
    /// For `completeImageUpload`: `upl_...`.
    async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Where to send it. Whoever has the address can send the file: do not show it to others.
    async fn url(&self) -> &str {
        &self.0.put.url
    }

    /// The headers to send with it, as they are.
    async fn headers(&self) -> Vec<UploadHeader> {
        let headers = self.0.put.headers.iter().cloned();
        headers
            .map(|(name, value)| UploadHeader { name, value })
            .collect()
    }

    /// When it must have been sent and completed.
    async fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }
}

/// A header of a request.
#[derive(Debug, SimpleObject)]
pub struct UploadHeader {
    /// Its name, such as `content-type`.
    name: String,
    /// What it says.
    value: String,
}

pub(super) async fn complete(ctx: &Context<'_>, id: &str) -> Result<Picture> {
    let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
    let id = ImageUploadId::parse(id, "id")?;
    Box::pin(service::complete(state, admin, id)).await
}
