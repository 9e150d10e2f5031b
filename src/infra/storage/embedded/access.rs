//! Who may do what at the server inside the process.

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

/// Strangers read objects, and nothing else. Nobody names what is no plain path.
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
        // A query could ask for another content type, for one.
        let is_bare = context.uri().query().is_none();
        if context.credentials().is_some() || (reads && is_bare) {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "Signature is required"))
    }
}

/// Whether no part of the key leads out of the bucket, to what the server keeps for itself, or to a folder.
fn is_plain(key: &str) -> bool {
    key.split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.'))
}
