//! Cookies: the refresh token, and the device token that identifies a browser as a known device of the account.

use async_graphql::Context;

use crate::accounts::auth::service::Tokens;
use crate::accounts::token::device;
use crate::config::{Config, Secret};
use crate::graphql::dataloader::ContextExt;

/// Sets the refresh cookie and, after a sign-in, the device cookie. Scripts can't read the cookies (`HttpOnly`), and
/// browsers don't send them with cross-site requests (`SameSite=Strict`).
pub fn set(ctx: &Context<'_>, tokens: &Tokens) {
    let state = ctx.state();
    let age = tokens.session_expires_at.since(state.clock.now()).as_secs();
    append(ctx, REFRESH, tokens.refresh_token.expose(), age);
    let device = tokens.device.as_ref().map(Secret::expose);
    if let Some(device) = device {
        append(ctx, DEVICE, device, device::LIFETIME.as_secs());
    }
}

/// Deletes the refresh cookie. The device cookie stays.
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

/// Returns the name of the refresh cookie.
pub fn refresh_name(config: &Config) -> String {
    full_name(config, REFRESH)
}

/// Returns the name of the device cookie.
pub fn device_name(config: &Config) -> String {
    full_name(config, DEVICE)
}

/// Adds the `__Host-` prefix on TLS: browsers then reject a cookie set by another host (RFC 6265bis, 4.1.3.2).
fn full_name(config: &Config, name: &str) -> String {
    let prefix = if config.is_secure() { "__Host-" } else { "" };
    format!("{prefix}{name}")
}
