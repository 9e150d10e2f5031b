//! The cookie that a browser may keep its refresh token in.

use async_graphql::Context;

use crate::auth::service::Tokens;
use crate::config::Config;
use crate::loader::ContextExt;

/// Gives the browser the token to keep. Scripts can't read the cookie, other sites can't send it, and it goes to
/// `/graphql` alone.
pub fn set(ctx: &Context<'_>, tokens: &Tokens) {
    let state = ctx.state();
    let age = tokens.session_expires_at.since(state.clock.now()).as_secs();
    append(ctx, tokens.refresh_token.expose(), age);
}

/// Takes the cookie away.
pub fn clear(ctx: &Context<'_>) {
    append(ctx, "", 0);
}

fn append(ctx: &Context<'_>, value: &str, age: u64) {
    let config = &ctx.state().config;
    let secure = if config.is_development() {
        ""
    } else {
        "; Secure"
    };
    let name = name(config);
    let cookie =
        format!("{name}={value}; Path=/graphql; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    ctx.append_http_header("set-cookie", cookie);
}

/// What the cookie is called. In production browsers refuse to take it over a line that is not secure.
pub const fn name(config: &Config) -> &'static str {
    match config.env {
        crate::config::Environment::Development => "wares_refresh",
        crate::config::Environment::Production => "__Secure-wares_refresh",
    }
}
