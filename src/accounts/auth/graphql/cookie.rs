//! Cookies: the refresh token, and the device token that identifies a browser as a known device of the account.

use async_graphql::Context;

use crate::accounts::auth::service::Tokens;
use crate::accounts::token::device;
use crate::config::{Config, Secret};
use crate::graphql::cookie;
use crate::graphql::dataloader::ContextExt;

const REFRESH: &str = "wares_refresh";
const DEVICE: &str = "wares_device";

/// Sets the refresh cookie and, after a sign-in, the device cookie.
pub fn set(ctx: &Context<'_>, tokens: &Tokens) {
    let state = ctx.state();
    let age = tokens.session_expires_at.since(state.clock.now()).as_secs();
    cookie::set(ctx, REFRESH, tokens.refresh_token.expose(), age);
    let device = tokens.device.as_ref().map(Secret::expose);
    if let Some(device) = device {
        cookie::set(ctx, DEVICE, device, device::LIFETIME.as_secs());
    }
}

/// Deletes the refresh cookie. The device cookie stays.
pub fn clear(ctx: &Context<'_>) {
    cookie::clear(ctx, REFRESH);
}

/// Returns the name of the refresh cookie.
pub fn refresh_name(config: &Config) -> String {
    cookie::full_name(config, REFRESH)
}

/// Returns the name of the device cookie.
pub fn device_name(config: &Config) -> String {
    cookie::full_name(config, DEVICE)
}
