//! How PostgreSQL is spoken to.

use std::time::Duration;

use anyhow::ensure;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{Executor as _, Row as _, raw_sql};

use super::PATIENCE;

/// How PostgreSQL finds out that a server of ours has vanished with its network, and gives up what that held locked: after
/// a minute, not the hours of its system's defaults.
const KEEP_ALIVE: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "60s"),
];

/// The isolation level of the transactions, unless one asks for another.
const ISOLATION: &str = "read committed";
/// The only encoding of a database that can store all text.
const ENCODING: &str = "UTF8";

/// Refuses a database that cannot store all text. Returns its default isolation level when that is overridden.
pub async fn inspect(connection: &mut PgConnection) -> anyhow::Result<Option<String>> {
    let inspect = "SELECT current_setting('server_encoding'), current_setting('default_transaction_isolation')";
    // Not prepared: through a connection pooler the statement would be left on a connection of others.
    let row = connection.fetch_one(raw_sql(inspect)).await?;
    let (encoding, isolation): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    ensure!(
        encoding == ENCODING,
        "the encoding of the database is {encoding}, and Wares stores all text as {ENCODING}: create it with \
         CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
    );
    Ok((isolation != ISOLATION).then_some(isolation))
}

/// These options, with what the connections of a pool ask for besides.
pub fn of_ours(known: PgConnectOptions, longest: Option<Duration>) -> PgConnectOptions {
    let known = plain(known).options(settings(longest));
    known.options([isolation()]).options(KEEP_ALIVE)
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

/// All statements are written for this level. At others, which may be the default of a database or a role, PostgreSQL fails
/// those that overlap.
fn isolation() -> (&'static str, String) {
    ("default_transaction_isolation", ISOLATION.to_owned())
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
