//! Connection options of PostgreSQL.

use std::time::Duration;

use anyhow::ensure;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{Executor as _, Row as _, raw_sql};

use super::WAIT_TIMEOUT;

/// Lets PostgreSQL detect within a minute that a Wares server has vanished with its network, and release its locks.
/// The defaults of operating systems are hours.
const KEEP_ALIVE: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "60s"),
];

/// The isolation level of transactions, unless another one is requested.
const ISOLATION: &str = "read committed";
/// The only encoding that can store all text.
const ENCODING: &str = "UTF8";

/// Refuses a database that cannot store all text. Returns its default isolation level if it differs from
/// [`ISOLATION`].
pub async fn inspect(connection: &mut PgConnection) -> anyhow::Result<Option<String>> {
    let inspect = "SELECT current_setting('server_encoding'), current_setting('default_transaction_isolation')";
    // Not prepared: a connection pooler would leave the statement on a connection of other clients.
    let row = connection.fetch_one(raw_sql(inspect)).await?;
    let (encoding, isolation): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    ensure!(
        encoding == ENCODING,
        "the encoding of the database is {encoding}, and Wares stores all text as {ENCODING}: create it with \
         CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
    );
    Ok((isolation != ISOLATION).then_some(isolation))
}

/// Returns the options of a pool that connects directly, including the session settings.
pub fn direct_options(
    base: PgConnectOptions,
    max_statement_time: Option<Duration>,
) -> PgConnectOptions {
    let base = without_unsupported(base).options(settings(max_statement_time));
    base.options([isolation()]).options(KEEP_ALIVE)
}

/// Returns the options of a pool that connects through a connection pooler, where sessions have no settings.
pub fn pooled_options(
    base: PgConnectOptions,
    supports_prepared_statements: bool,
) -> PgConnectOptions {
    let base = without_unsupported(base);
    if supports_prepared_statements {
        return base;
    }
    base.statement_cache_capacity(0)
}

/// Returns the settings of each session, or of each transaction where there is no session.
pub fn settings(max_statement_time: Option<Duration>) -> [(&'static str, String); 3] {
    [
        lock_timeout(),
        disable_jit(),
        statement_timeout(max_statement_time),
    ]
}

/// By default PostgreSQL waits for locks without a limit.
fn lock_timeout() -> (&'static str, String) {
    ("lock_timeout", WAIT_TIMEOUT.as_millis().to_string())
}

/// Cancels statements whose request has timed out. 0 disables the timeout.
fn statement_timeout(max_statement_time: Option<Duration>) -> (&'static str, String) {
    let max_statement_time = max_statement_time.unwrap_or_default();
    (
        "statement_timeout",
        max_statement_time.as_millis().to_string(),
    )
}

/// All statements are written for this level. At others, which may be the default of a database or a role,
/// overlapping transactions fail.
fn isolation() -> (&'static str, String) {
    ("default_transaction_isolation", ISOLATION.to_owned())
}

/// Just-in-time compilation of large statements takes longer than executing them.
fn disable_jit() -> (&'static str, String) {
    ("jit", "off".to_owned())
}

/// Parses a database URL.
pub fn options(url: &str) -> anyhow::Result<PgConnectOptions> {
    // The library's error would quote the URL, including the password.
    let base = url.parse::<PgConnectOptions>().map_err(|_| {
        anyhow::anyhow!("not a valid URL such as postgres://user:password@host/name")
    })?;
    Ok(without_unsupported(base).application_name("wares"))
}

/// Removes a startup parameter that connection poolers reject and that changes nothing.
fn without_unsupported(options: PgConnectOptions) -> PgConnectOptions {
    without_brackets(options).extra_float_digits(None)
}

/// Removes the brackets that an IPv6 address has in a URL only.
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
