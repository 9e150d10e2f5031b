//! Settings of response caching.

use clap::Args;

use super::values::within;

/// Settings of the read cache and of HTTP caching.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Caching")]
pub struct Caching {
    /// Maximum size of cached catalog responses, counts and facets in memory, in bytes. 0 disables the cache.
    #[arg(long, env = "READ_CACHE_BYTES", default_value_t = 32 << 20,
          value_parser = clap::value_parser!(u64).range(..=1 << 40))]
    pub read_cache_bytes: u64,

    /// Seconds that browsers and CDNs may reuse a catalog response without revalidation. 0 to 300.
    #[arg(long, env = "HTTP_MAX_AGE", default_value_t = 0, value_parser = within(..=300))]
    pub http_max_age: u32,
}
