//! The cookie with the token of a cart.

use std::time::Duration;

use async_graphql::Context;

use crate::config::Config;
use crate::core::secret::Secret;
use crate::graphql::cookie;

const CART: &str = "wares_cart";

/// Lifetime of the cookie: longer than that of a cart, which each change extends.
const LIFETIME: Duration = Duration::from_hours(365 * 24);

/// Sets the cookie.
pub fn set(ctx: &Context<'_>, token: &Secret) {
    cookie::set(ctx, CART, token.expose(), LIFETIME.as_secs());
}

/// Deletes the cookie.
pub fn clear(ctx: &Context<'_>) {
    cookie::clear(ctx, CART);
}

/// Returns the name of the cookie.
pub fn cart_cookie_name(config: &Config) -> String {
    cookie::full_name(config, CART)
}
