//! Settings of carts and orders.

use std::time::Duration;

use clap::Args;

use super::values::{Rate, http_address, within, within_a_century, within_a_year};

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

/// Settings of orders.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Orders")]
pub struct Orders {
    /// Time to pay an order. Its stock is reserved until then.
    #[arg(long, env = "ORDER_PAYMENT_TIME", default_value = "30m", value_parser = within_a_year)]
    pub order_payment_time: Duration,

    /// Number of the first order. The next ones are counted up from it.
    #[arg(long, env = "ORDER_NUMBER_START", default_value_t = 1_001, value_parser = within(1..=1_000_000_000))]
    pub order_number_start: u32,

    /// Page of the storefront that shows an order, such as `https://shop.example.com/order`. Emails about orders link to
    /// it, with `#id=...&token=...` appended. Default: no link, and `sendOrderLink` fails with `NOT_CONFIGURED`.
    #[arg(long, env = "ORDER_LINK_URL", value_parser = http_address)]
    pub order_link_url: Option<String>,

    /// Time after which the personal data of an order is erased: email address, phone number, addresses and note. The order
    /// itself is kept. A year counts as 366 days.
    #[arg(long, env = "ORDER_PERSONAL_DATA_KEPT", default_value = "10y", value_parser = within_a_century)]
    pub order_personal_data_kept: Duration,
}
