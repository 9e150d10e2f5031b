//! Cookies with tokens. Scripts can't read them (`HttpOnly`), and browsers don't send them with cross-site requests
//! (`SameSite=Strict`).

use async_graphql::Context;

use crate::config::Config;
use crate::graphql::dataloader::ContextExt;

/// Sets a cookie for this many seconds.
pub fn set(ctx: &Context<'_>, name: &str, value: &str, age: u64) {
    let config = &ctx.state().config;
    let name = full_name(config, name);
    let secure = if config.is_secure() { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    ctx.append_http_header("set-cookie", cookie);
}

/// Deletes a cookie.
pub fn clear(ctx: &Context<'_>, name: &str) {
    set(ctx, name, "", 0);
}

/// Returns the full name of a cookie. On TLS it has the `__Host-` prefix: browsers then reject a cookie set by another
/// host (RFC 6265bis, 4.1.3.2).
pub fn full_name(config: &Config, name: &str) -> String {
    let prefix = if config.is_secure() { "__Host-" } else { "" };
    format!("{prefix}{name}")
}
