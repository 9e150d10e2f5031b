//! Settings of the object store.

use clap::Args;

use super::values::{Switch, bucket, http_address, region};

/// The object store of images. Without an endpoint and a bucket it is in the data folder. Credentials come from the
/// variables and files that all AWS tools read, never from a flag.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Image store")]
pub struct Storage {
    /// Endpoint of the S3 server for images. Default: AWS if `S3_BUCKET` is set, otherwise files in the data
    /// folder, which the API's address serves at `/wares/`.
    #[arg(long, env = "S3_ENDPOINT", value_parser = http_address)]
    pub s3_endpoint: Option<String>,

    /// Region of the bucket, used for signing requests.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1", value_parser = region)]
    pub s3_region: String,

    /// Bucket for images. Default: `wares`. Created in development if missing.
    #[arg(long, env = "S3_BUCKET", value_parser = bucket)]
    pub s3_bucket: Option<String>,

    /// Endpoint of the S3 server for clients if it differs from `S3_ENDPOINT`; used in signed URLs. Default:
    /// `S3_ENDPOINT`, or `PUBLIC_URL` without it.
    #[arg(long, env = "S3_PUBLIC_ENDPOINT", value_parser = http_address)]
    pub s3_public_endpoint: Option<String>,

    /// Public URL of the bucket, such as that of a CDN. Default: signed URLs, valid for 90 to 120 minutes.
    #[arg(long, env = "S3_PUBLIC_URL", value_parser = http_address)]
    pub s3_public_url: Option<String>,

    /// Put the bucket name in the path instead of the host. Default: on if `S3_ENDPOINT` is set.
    #[arg(long, env = "S3_FORCE_PATH_STYLE", value_enum)]
    pub s3_force_path_style: Option<Switch>,
}

impl Storage {
    /// Returns whether the embedded store is used.
    pub fn is_embedded(&self) -> bool {
        self.s3_endpoint.is_none() && self.s3_bucket.is_none()
    }

    /// Returns the name of the bucket. That of the embedded store is the first segment of the paths of images, so no
    /// route of the API may begin with it.
    pub fn bucket(&self) -> &str {
        self.s3_bucket.as_deref().unwrap_or("wares")
    }

    /// Returns whether requests have the bucket name in the path.
    pub fn path_style(&self) -> bool {
        // Wildcard certificates do not match a bucket name with dots.
        let forced = self.s3_endpoint.is_some() || self.bucket().contains('.');
        self.s3_force_path_style.map_or(forced, Switch::is_on)
    }
}
