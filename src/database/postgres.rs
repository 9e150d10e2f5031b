//! How PostgreSQL is spoken to.

use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnectOptions;

use super::PATIENCE;

/// How PostgreSQL finds out that a server of ours has vanished with its network, and gives up what that held locked: after
/// a minute, not the hours of its system's defaults.
const KEEP_ALIVE: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "60s"),
];

/// These options, with what the connections of a pool ask for besides.
pub fn of_ours(known: PgConnectOptions, longest: Option<Duration>) -> PgConnectOptions {
    plain(known).options(settings(longest)).options(KEEP_ALIVE)
}

/// The options of a pool whose connections go through a connection pooler, where no session has settings of its own.
pub fn of_pooled(known: PgConnectOptions, keeps_statements: bool) -> PgConnectOptions {
    let known = plain(known);
    if keeps_statements {
        return known;
    }
    known.statement_cache_capacity(0)
}

/// The settings of each session, or of each transaction where there is no session.
pub fn settings(longest: Option<Duration>) -> [(&'static str, String); 3] {
    [lock_timeout(), no_jit(), statement_timeout(longest)]
}

/// PostgreSQL waits for locks without end, unless it is told otherwise.
fn lock_timeout() -> (&'static str, String) {
    ("lock_timeout", PATIENCE.as_millis().to_string())
}

/// PostgreSQL goes on with a statement that nobody waits for any more, unless it is told otherwise; 0 is without end.
fn statement_timeout(longest: Option<Duration>) -> (&'static str, String) {
    let longest = longest.unwrap_or_default();
    ("statement_timeout", longest.as_millis().to_string())
}

/// PostgreSQL would compile large statements before it runs them, which takes longer than running them.
fn no_jit() -> (&'static str, String) {
    ("jit", "off".to_owned())
}

/// The options that an address says.
pub fn options(url: &str) -> anyhow::Result<PgConnectOptions> {
    // The library's own complaint would quote the URL, password and all.
    let known = url.parse::<PgConnectOptions>().map_err(|_| {
        anyhow::anyhow!("not an address such as postgres://user:password@host/name")
    })?;
    Ok(plain(known).application_name("wares"))
}

/// These options without a startup parameter that connection poolers refuse and that changes nothing.
fn plain(options: PgConnectOptions) -> PgConnectOptions {
    without_brackets(options).extra_float_digits(None)
}

/// An IPv6 address stands in brackets in a URL, and without them everywhere else.
fn without_brackets(options: PgConnectOptions) -> PgConnectOptions {
    let host = options.get_host().to_owned();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bare {
        Some(host) => options.host(host),
        None => options,
    }
}
