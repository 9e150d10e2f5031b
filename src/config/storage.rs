//! The settings of the object store.

use std::net::SocketAddr;

use clap::Args;

use super::values::{Switch, bucket, http_address, region};

/// Where pictures are kept. Without an endpoint and a bucket: in the data folder. Keys come from the variables and files
/// that all tools of AWS read, never from a flag.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Storage {
    /// The S3 server that keeps pictures. Default: AWS when `S3_BUCKET` is set, and otherwise one inside the process.
    #[arg(long, env = "S3_ENDPOINT", value_parser = http_address)]
    pub s3_endpoint: Option<String>,

    /// The region of the bucket, which requests are signed for.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1", value_parser = region)]
    pub s3_region: String,

    /// The bucket of the pictures. Default: `wares`. In development it is made when it is missing.
    #[arg(long, env = "S3_BUCKET", value_parser = bucket)]
    pub s3_bucket: Option<String>,

    /// Where clients reach the S3 server, when that is not where Wares does: signed addresses lead there. Default: as `S3_ENDPOINT`.
    #[arg(long, env = "S3_PUBLIC_ENDPOINT", value_parser = http_address)]
    pub s3_public_endpoint: Option<String>,

    /// Where the public reads the bucket, such as a CDN before it. Default: addresses signed for two hours.
    #[arg(long, env = "S3_PUBLIC_URL", value_parser = http_address)]
    pub s3_public_url: Option<String>,

    /// Name the bucket in the path, not in the host. Default: on when `S3_ENDPOINT` is set.
    #[arg(long, env = "S3_FORCE_PATH_STYLE", value_enum)]
    pub s3_force_path_style: Option<Switch>,

    /// The address of the S3 server inside the process. Default: loopback, one port above the API's, or a free one.
    #[arg(long, env = "S3_EMBEDDED_LISTEN")]
    pub s3_embedded_listen: Option<SocketAddr>,
}

impl Storage {
    /// Whether the S3 server inside the process is used.
    pub fn is_embedded(&self) -> bool {
        self.s3_endpoint.is_none() && self.s3_bucket.is_none()
    }

    /// The name of the bucket.
    pub fn bucket(&self) -> &str {
        self.s3_bucket.as_deref().unwrap_or("wares")
    }

    /// Whether requests name the bucket in the path.
    pub fn path_style(&self) -> bool {
        // No certificate of a host is good for one with more dots.
        let forced = self.s3_endpoint.is_some() || self.bucket().contains('.');
        self.s3_force_path_style.map_or(forced, Switch::is_on)
    }
}
