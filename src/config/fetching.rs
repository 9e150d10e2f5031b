//! Settings of server-side downloads.

use clap::Args;

use super::values::Switch;

/// Restrictions of the addresses that the server may fetch from.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Uploads")]
pub struct Fetching {
    /// Allow fetching images from private networks and from this machine. For development only: users who may import
    /// products could reach internal services.
    #[arg(
        long,
        env = "FETCH_PRIVATE_ADDRESSES",
        value_enum,
        default_value = "off"
    )]
    pub fetch_private_addresses: Switch,
}
