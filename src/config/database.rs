//! Database URLs, in the forms of Wares, `SQLx`, `SQLAlchemy`, Prisma and libpq.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::postgres;
use crate::core::secret::Secret;

/// The location of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseAddress {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A `postgres://` URL, which may hold a password and name several servers of a cluster.
    Postgres(Secret),
}

impl DatabaseAddress {
    /// Returns a URL for each server that a PostgreSQL URL names, in its order. Empty for SQLite.
    pub fn servers(&self) -> Vec<Secret> {
        match self {
            Self::Sqlite(_) => Vec::new(),
            Self::Postgres(url) => {
                let servers = postgres::servers(url.expose());
                servers.into_iter().map(Secret::from).collect()
            }
        }
    }
}

/// The supported forms of a URL.
const EXPECTED_FORM: &str = "it must begin with postgres:// or sqlite://";
/// Databases that a URL of another application may use.
const UNSUPPORTED: [&str; 10] = [
    "cockroachdb",
    "libsql",
    "mariadb",
    "mongodb",
    "mssql",
    "mysql",
    "oracle",
    "redis",
    "sqlserver",
    "tidb",
];
/// The error for an in-memory database.
const IN_MEMORY: &str = "a SQLite database in memory is lost with the process, and each connection has its own: \
                         name a file, such as sqlite://./shop.db";

/// Parses a database URL.
///
/// # Errors
/// The reason in one sentence. It quotes nothing that may be part of a password.
pub(super) fn address(text: &str) -> Result<DatabaseAddress, String> {
    let text = text.trim();
    if text.starts_with(['"', '\'']) {
        return Err("it begins with a quotation mark. Write it without quotes where nothing removes them, as in \
                    an --env-file of Docker".to_owned());
    }
    if !text.contains("://") && ["host=", "dbname="].iter().any(|name| text.contains(name)) {
        return Err(format!(
            "a list of names and values is not supported: {EXPECTED_FORM}"
        ));
    }
    let (scheme, rest) = text.split_once(':').ok_or(EXPECTED_FORM)?;
    let scheme = scheme.to_ascii_lowercase();
    let (kind, driver) = match scheme.split_once('+') {
        Some((kind, driver)) => (kind, Some(driver)),
        None => (scheme.as_str(), None),
    };
    match (kind, driver) {
        ("postgres" | "postgresql", None) => postgres::address(rest),
        ("postgres" | "postgresql", Some(driver)) if is_name(driver) => postgres::address(rest),
        ("sqlite" | "file", None) => sqlite(rest, Dialect::Url),
        ("sqlite", Some("aiosqlite" | "pysqlite")) => sqlite(rest, Dialect::SqlAlchemy),
        ("sqlite", Some(_)) => Err(
            "only the SQLite drivers aiosqlite and pysqlite are supported: write sqlite://"
                .to_owned(),
        ),
        ("sqlite3", None) => Err("write sqlite:// instead of sqlite3:".to_owned()),
        ("jdbc", None) => Err("leave out jdbc: before the URL".to_owned()),
        ("pgsql" | "psql" | "postgis" | "timescaledb", _) => {
            Err(format!("write postgres:// instead of {kind}://"))
        }
        _ if UNSUPPORTED.contains(&kind) => Err(format!(
            "{kind} is not supported, only PostgreSQL and SQLite: {EXPECTED_FORM}"
        )),
        _ => Err(EXPECTED_FORM.to_owned()),
    }
}

/// Whether this is the name of a Python driver.
fn is_name(driver: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !driver.is_empty() && driver.bytes().all(plain)
}

/// The notation of the path of a SQLite file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// `sqlite:path` or `sqlite://path`: the path is absolute if it begins with a slash.
    Url,
    /// `sqlite+aiosqlite:///path`: the third slash is not part of the path.
    SqlAlchemy,
}

/// Parses the part after the scheme.
fn sqlite(rest: &str, dialect: Dialect) -> Result<DatabaseAddress, String> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = percent_decode_str(sqlite_path(path, dialect)?).collect::<Vec<u8>>();
    if path.is_empty() || path.ends_with(b":memory:") {
        return Err(IN_MEMORY.to_owned());
    }
    if path.contains(&0) {
        return Err("there is a NUL character in the path".to_owned());
    }
    if path.ends_with(b"/") {
        return Err("it is a folder: name a file in it, such as sqlite://./shop.db".to_owned());
    }
    let path = PathBuf::from(OsString::from_vec(path));
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let must_exist = sqlite_parameter(&key, &value)?;
        if must_exist && !path.exists() {
            let path = path.display();
            return Err(format!(
                "mode=rw: there is no file {path}. Use mode=rwc to create it"
            ));
        }
    }
    Ok(DatabaseAddress::Sqlite(path))
}

fn sqlite_path(path: &str, dialect: Dialect) -> Result<&str, String> {
    let Some(path) = path.strip_prefix("//") else {
        return Ok(path);
    };
    let path = path
        .strip_prefix("localhost/")
        .map_or(path, |below| &path[path.len() - below.len() - 1..]);
    if dialect == Dialect::SqlAlchemy {
        return match path.strip_prefix('/') {
            Some(path) => Ok(path),
            None if path.is_empty() => Ok(path),
            None => {
                Err("a SQLite database has no host: write three slashes before the path".to_owned())
            }
        };
    }
    // SQLAlchemy's `sqlite:///./shop.db` is relative to the current folder; `/./shop.db` is never intended.
    let below_current = path
        .strip_prefix('/')
        .filter(|path| path.starts_with("./") || path.starts_with("../"));
    let absolute = || {
        path.starts_with("//")
            .then(|| &path[path.len() - path.trim_start_matches('/').len() - 1..])
    };
    Ok(below_current.or_else(absolute).unwrap_or(path))
}

/// Validates a query parameter. Returns whether the file must exist.
fn sqlite_parameter(key: &str, value: &str) -> Result<bool, String> {
    match (key, value) {
        ("mode", "rwc") | ("cache", "private") | ("immutable", "0" | "false" | "off" | "no") => Ok(false),
        ("mode", "rw") => Ok(true),
        ("mode", "ro") => Err("mode=ro: Wares writes to its database. Use mode=rwc".to_owned()),
        ("mode", "memory") => Err(format!("mode=memory: {IN_MEMORY}")),
        ("mode", _) => Err("mode must be rwc, which creates the file, or rw".to_owned()),
        ("cache", _) => Err("only cache=private is supported: with a shared cache readers wait for writers".to_owned()),
        ("immutable", _) => Err("immutable is only for read-only files: leave it out".to_owned()),
        ("vfs", _) => Err("vfs is not supported: leave it out".to_owned()),
        _ if is_name(key) => {
            Err(format!("{key} is not supported: leave it out. Wares configures its connections itself"))
        }
        _ => Err("only the parameters mode and cache may follow the question mark; one that is part of the path is \
                  written as %3F".to_owned()),
    }
}
