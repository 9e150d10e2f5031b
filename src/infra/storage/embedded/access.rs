//! Access control of the embedded server.

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

/// Allows unauthenticated clients to read objects, and nothing else. Keys must be plain paths.
pub(super) struct Access;

#[async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if let S3Path::Object { key, .. } = context.s3_path()
            && !is_plain(key)
        {
            return Err(s3_error!(NoSuchKey));
        }
        let reads = matches!(context.s3_op().name(), "GetObject" | "HeadObject");
        // A query could, for example, override the content type.
        let is_bare = context.uri().query().is_none();
        if context.credentials().is_some() || (reads && is_bare) {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "Signature is required"))
    }
}

/// Whether no segment of the key is empty or begins with a dot. Such keys could escape the bucket, reach internal
/// files or name a folder.
fn is_plain(key: &str) -> bool {
    key.split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.'))
}
