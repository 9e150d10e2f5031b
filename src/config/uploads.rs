//! Settings of uploads.

use std::time::Duration;

use clap::Args;

use super::values::{Rate, within, within_a_day};

/// Limits on the size, speed and rate of uploads.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Uploads")]
pub struct Uploads {
    /// Initial timeout of an upload that sends nothing. Bytes received extend it, up to three times its length.
    #[arg(long, env = "UPLOAD_PATIENCE", default_value = "10s", value_parser = within_a_day)]
    pub upload_patience: Duration,

    /// Minimum average upload speed in bytes per second.
    #[arg(long, env = "UPLOAD_MIN_RATE", default_value_t = 8_000, value_parser = within(1..))]
    pub upload_min_rate: u32,

    /// Maximum size of a product import file in bytes.
    #[arg(long, env = "IMPORT_MAX_BYTES", default_value_t = 1 << 30,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub import_max_bytes: u64,

    /// Maximum size in bytes of an image uploaded with a mutation.
    #[arg(long, env = "IMAGE_MAX_BYTES", default_value_t = 5 << 20,
          value_parser = clap::value_parser!(u64).range(1..=i64::from(i32::MAX).cast_unsigned()))]
    pub image_max_bytes: u64,

    /// Maximum size in bytes of an image that a client uploads directly to the object store, or that an import
    /// fetches.
    #[arg(long, env = "DIRECT_IMAGE_MAX_BYTES", default_value_t = 20 << 20,
          value_parser = clap::value_parser!(u64).range(1..=i64::from(i32::MAX).cast_unsigned()))]
    pub direct_image_max_bytes: u64,

    /// Maximum number of pixels of an image, width times height.
    #[arg(long, env = "IMAGE_MAX_PIXELS", default_value_t = 25_000_000, value_parser = within(1..))]
    pub image_max_pixels: u32,

    /// Rate limit of avatar uploads by one user.
    #[arg(long, env = "LIMIT_AVATARS_ACCOUNT", default_value = "20/1h")]
    pub limit_avatars_account: Rate,
}
