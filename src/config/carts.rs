//! Settings of carts.

use std::time::Duration;

use clap::Args;

use super::values::{Rate, within_a_year};

/// Settings of carts.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Carts")]
pub struct Carts {
    /// Lifetime of a cart after its last change.
    #[arg(long, env = "CART_LIFETIME", default_value = "30d", value_parser = within_a_year)]
    pub cart_lifetime: Duration,

    /// Rate limit of carts created by one client.
    #[arg(long, env = "LIMIT_CARTS_CLIENT", default_value = "30/1m")]
    pub limit_carts_client: Rate,

    /// Rate limit of discount codes entered into one cart.
    #[arg(long, env = "LIMIT_CODES_CART", default_value = "20/1h")]
    pub limit_codes_cart: Rate,
}
