//! The settings of uploads.

use std::time::Duration;

use clap::Args;

use super::values::{Rate, within, within_a_day};

/// How large an upload may be, and how slow, and how often one may be made.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Uploads {
    /// How long an upload may send nothing in the beginning. Later what was sent before counts too, up to three times as long.
    #[arg(long, env = "UPLOAD_PATIENCE", default_value = "10s", value_parser = within_a_day)]
    pub upload_patience: Duration,

    /// How many bytes a second an upload brings at least, on average.
    #[arg(long, env = "UPLOAD_MIN_RATE", default_value_t = 8_000, value_parser = within(1..))]
    pub upload_min_rate: u32,

    /// How many bytes a file of products may have.
    #[arg(long, env = "IMPORT_MAX_BYTES", default_value_t = 1 << 30,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub import_max_bytes: u64,

    /// How many bytes a picture may have that comes with a mutation.
    #[arg(long, env = "IMAGE_MAX_BYTES", default_value_t = 5 << 20,
          value_parser = clap::value_parser!(u64).range(1..=i64::from(i32::MAX).cast_unsigned()))]
    pub image_max_bytes: u64,

    /// How many bytes a picture may have that a client sends to the store by itself, or that is fetched for an import.
    #[arg(long, env = "DIRECT_IMAGE_MAX_BYTES", default_value_t = 20 << 20,
          value_parser = clap::value_parser!(u64).range(1..=i64::from(i32::MAX).cast_unsigned()))]
    pub direct_image_max_bytes: u64,

    /// How many pixels a picture may have, width times height.
    #[arg(long, env = "IMAGE_MAX_PIXELS", default_value_t = 25_000_000, value_parser = within(1..))]
    pub image_max_pixels: u32,

    /// How often one user may upload a picture of themselves.
    #[arg(long, env = "LIMIT_AVATARS_ACCOUNT", default_value = "20/1h")]
    pub limit_avatars_account: Rate,
}
