//! The settings of what is kept to be answered again.

use clap::Args;

use super::values::within;

/// How much is kept in memory, and what others may keep.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Caching {
    /// How many bytes of answers about the catalogue are kept in memory; 0 turns that off.
    #[arg(long, env = "READ_CACHE_BYTES", default_value_t = 32 << 20,
          value_parser = clap::value_parser!(u64).range(..=1 << 40))]
    pub read_cache_bytes: u64,

    /// How many seconds browsers and CDNs may give an answer about the catalogue without asking again, at most 300.
    #[arg(long, env = "HTTP_MAX_AGE", default_value_t = 0, value_parser = within(..=300))]
    pub http_max_age: u32,
}
