//! Access control of the embedded store.

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};

/// Allows unauthenticated clients to read objects, and nothing else.
pub(super) struct Access;

#[async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let reads = matches!(context.s3_op().name(), "GetObject" | "HeadObject");
        // A query could, for example, override the content type.
        let is_bare = context.uri().query().is_none();
        if context.credentials().is_some() || (reads && is_bare) {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "Signature is required"))
    }
}
