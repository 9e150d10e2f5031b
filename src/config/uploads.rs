//! The settings of uploads.

use std::time::Duration;

use clap::Args;

use super::values::within_a_day;

/// How large an upload may be, and how slow.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Uploads {
    /// How long an upload may send nothing in the beginning. Later what was sent before counts too, up to three times as long.
    #[arg(long, env = "UPLOAD_PATIENCE", global = true, default_value = "10s", value_parser = within_a_day)]
    pub upload_patience: Duration,

    /// How many bytes a second an upload brings at least, on average.
    #[arg(long, env = "UPLOAD_MIN_RATE", global = true, default_value_t = 8_000,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub upload_min_rate: u32,

    /// How many bytes a file of products may have.
    #[arg(long, env = "IMPORT_MAX_BYTES", global = true, default_value_t = 1 << 30,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub import_max_bytes: u64,
}
