//! The settings of what the server fetches from elsewhere.

use clap::Args;

use super::values::Switch;

/// Where the server may fetch from.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Fetching {
    /// Fetch pictures from addresses of private networks and of this machine too. For development: whoever may import products could reach what only the server is to reach.
    #[arg(
        long,
        env = "FETCH_PRIVATE_ADDRESSES",
        value_enum,
        default_value = "off"
    )]
    pub fetch_private_addresses: Switch,
}
