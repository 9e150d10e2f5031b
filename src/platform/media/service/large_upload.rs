//! The multipart upload of an image that does not fit into one part.

use bytes::Bytes;

use super::explain;
use super::pending_deletion::PendingDeletion;
use crate::core::error::Result;
use crate::infra::image::StreamingDecoder;
use crate::infra::storage::MultipartUpload;

/// A running multipart upload.
pub(super) struct LargeUpload {
    pub key: String,
    pub upload: MultipartUpload,
    pub pending_deletion: PendingDeletion,
    /// Decodes the image on the way.
    pub follower: Option<StreamingDecoder>,
}

impl LargeUpload {
    /// Uploads a part, and passes it to the decoder. `field` is the argument that errors name.
    pub async fn push(&mut self, field: &str, part: Bytes) -> Result<()> {
        if let Some(follower) = &mut self.follower {
            let pushed = follower.push(part.clone()).await;
            pushed.map_err(|failure| explain(field, failure))?;
        }
        self.upload.push(part).await
    }
}
