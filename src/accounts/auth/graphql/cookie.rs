//! The cookies of a browser: its refresh token, and the token that recognizes it as a device of the account.

use async_graphql::Context;

use crate::accounts::auth::service::Tokens;
use crate::accounts::token::device;
use crate::config::{Config, Secret};
use crate::graphql::dataloader::ContextExt;

/// Stores the refresh token in the browser, and its device token after a sign-in. Scripts can't read the cookies, and other
/// sites can't send them.
pub fn set(ctx: &Context<'_>, tokens: &Tokens) {
    let state = ctx.state();
    let age = tokens.session_expires_at.since(state.clock.now()).as_secs();
    append(ctx, REFRESH, tokens.refresh_token.expose(), age);
    let device = tokens.device.as_ref().map(Secret::expose);
    if let Some(device) = device {
        append(ctx, DEVICE, device, device::LIFETIME.as_secs());
    }
}

/// Removes the refresh token from the browser. The device token stays.
pub fn clear(ctx: &Context<'_>) {
    append(ctx, REFRESH, "", 0);
}

fn append(ctx: &Context<'_>, name: &str, value: &str, age: u64) {
    let config = &ctx.state().config;
    let name = full_name(config, name);
    let secure = if config.is_secure() { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    ctx.append_http_header("set-cookie", cookie);
}

const REFRESH: &str = "wares_refresh";
const DEVICE: &str = "wares_device";

/// The name of the cookie with the refresh token.
pub fn refresh_name(config: &Config) -> String {
    full_name(config, REFRESH)
}

/// The name of the cookie with the device token.
pub fn device_name(config: &Config) -> String {
    full_name(config, DEVICE)
}

/// Where clients connect over TLS, the prefix makes browsers refuse a cookie of another host (RFC 6265bis, 4.1.3.2).
fn full_name(config: &Config, name: &str) -> String {
    let prefix = if config.is_secure() { "__Host-" } else { "" };
    format!("{prefix}{name}")
}
