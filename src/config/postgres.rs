//! PostgreSQL URLs. `SQLx` ignores unknown parameters and logs their values; here each parameter is accepted, or
//! refused with the reason.

use std::net::IpAddr;

use strsim::osa_distance;
use url::{Url, form_urlencoded};

use super::DatabaseAddress as Address;
use crate::core::secret::Secret;

const ENCODING: &str = "Characters such as @ : / ? # % in a user or a password must be percent-encoded, such as %40 for @";
/// The form of a URL with several hosts.
const SEVERAL_HOSTS: &str = "write them as postgres://user:password@host1:5432,host2:5432/name";
const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// Parameters that are passed to `SQLx`.
const SUPPORTED: [&str; 14] = [
    "application_name",
    "dbname",
    "options",
    "password",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];
/// Connection parameters that Wares applies anyway, or that have no effect here.
const WITHOUT_EFFECT: [&str; 11] = [
    "connect_timeout",
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "pgbouncer",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
    "tcp_keepalives",
];
/// Parameters of libpq, JDBC, Prisma and `SQLAlchemy` that are refused. Only known names may be quoted in a message: an
/// unknown one may be part of a password with a question mark in it.
const UNSUPPORTED: [&str; 24] = [
    "async_fallback",
    "command_timeout",
    "gsslib",
    "krbsrvname",
    "max_protocol_version",
    "min_protocol_version",
    "passfile",
    "pool_timeout",
    "prepared_statements",
    "prepareThreshold",
    "replication",
    "require_auth",
    "requirepeer",
    "server_settings",
    "service",
    "socket_timeout",
    "sslaccept",
    "sslcertmode",
    "sslcrl",
    "sslcrldir",
    "sslidentity",
    "sslpassword",
    "ssl_min_protocol_version",
    "timeout",
];
/// Parameters with individual rules.
const WITH_RULES: [&str; 17] = [
    "channel_binding",
    "client_encoding",
    "connection_limit",
    "currentSchema",
    "gssencmode",
    "host",
    "hostaddr",
    "load_balance_hosts",
    "pool_size",
    "port",
    "schema",
    "search_path",
    "ssl",
    "sslnegotiation",
    "statement-cache-capacity",
    "statement_cache_size",
    "target_session_attrs",
];

/// Converts the part of a URL after the scheme into the form that `SQLx` accepts.
///
/// # Errors
/// The reason in one sentence, without any value.
pub(super) fn address(rest: &str) -> Result<Address, String> {
    let rest = rest
        .strip_prefix("//")
        .ok_or("write two slashes: postgres://user:password@host/name")?;
    if rest.contains('#') {
        return Err(format!("there is a # in it. {ENCODING}"));
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest
        .find('/')
        .map_or((rest, ""), |slash| rest.split_at(slash));
    if path.contains('@') {
        return Err(format!("there is an @ after the host. {ENCODING}"));
    }
    let (user, host) = authority
        .rsplit_once('@')
        .map_or((None, authority), |(user, host)| (Some(user), host));
    let has_several_hosts = host.contains(',');
    let mut parameters = form_urlencoded::Serializer::new(String::new());
    let mut authority = authority;
    if host.is_empty() || host.starts_with(':') {
        // `user@/name?host=/socket` is not a valid URL without a host.
        authority = "";
        append_user(&mut parameters, user.unwrap_or_default(), host);
    }
    for (index, (key, value)) in form_urlencoded::parse(query.as_bytes()).enumerate() {
        if has_several_hosts && ["host", "hostaddr", "port"].contains(&&*key) {
            return Err(format!("several hosts and {key}: {SEVERAL_HOSTS}"));
        }
        if let Some((key, value)) = parameter(&key, &value, index + 1)? {
            parameters.append_pair(key, value);
        }
    }
    let parameters = parameters.finish();
    let separator = if parameters.is_empty() { "" } else { "?" };
    let url = format!("postgres://{authority}{path}{separator}{parameters}");
    let is_valid = |url: &String| {
        Url::parse(url).is_ok_and(|url| !has_several_hosts || url.host_str().is_some())
    };
    if !servers(&url).iter().all(is_valid) {
        return Err(format!(
            "it is not a URL such as postgres://user:password@host/name. {ENCODING}"
        ));
    }
    Ok(Address::Postgres(Secret::from(url)))
}

/// Returns a URL for each host of a URL.
pub(super) fn servers(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let user = authority.rfind('@').map_or(0, |at| at + 1);
    let (user, hosts) = authority.split_at(user);
    let of_host = |host| format!("{scheme}://{user}{host}{rest}");
    hosts.split(',').map(of_host).collect()
}

/// Appends the user, the password and the port as parameters.
fn append_user(parameters: &mut form_urlencoded::Serializer<'_, String>, user: &str, host: &str) {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let port = host.trim_start_matches(':');
    for (key, value) in [("user", user), ("password", password), ("port", port)] {
        if !value.is_empty() {
            parameters.append_pair(key, &decode(value));
        }
    }
}

type Parameter<'a> = Option<(&'a str, &'a str)>;

/// Returns a parameter in `SQLx`'s form, or `None` if it has no effect.
fn parameter<'a>(key: &'a str, value: &'a str, number: usize) -> Result<Parameter<'a>, String> {
    match key {
        "sslmode" | "ssl-mode" | "ssl" => ssl_mode(key, value).map(|mode| Some(("sslmode", mode))),
        "sslrootcert" if value == "system" => {
            Err("sslrootcert=system is not supported: name the file of the certificates".to_owned())
        }
        "host" if value.contains(',') => Err(format!("several hosts in host: {SEVERAL_HOSTS}")),
        "hostaddr" if value.parse::<IpAddr>().is_err() => {
            Err("hostaddr is not an IP address".to_owned())
        }
        "port" if value.parse::<u16>().is_err() => {
            Err("port is not a number up to 65535".to_owned())
        }
        "host" | "hostaddr" | "port" => Ok(Some((key, value))),
        "statement-cache-capacity" | "statement_cache_size" => match value.parse::<u16>() {
            Ok(_) => Ok(Some(("statement-cache-capacity", value))),
            Err(_) => Err(format!("{key} is not a number up to 65535")),
        },
        _ if SUPPORTED.contains(&key) || key.starts_with("options[") => Ok(Some((key, value))),
        _ if WITHOUT_EFFECT.contains(&key) => Ok(None),
        "connection_limit" | "pool_size" => Err(format!(
            "{key} is not supported: leave it out, and set DATABASE_MAX_CONNECTIONS"
        )),
        _ => limited_parameter(key, value).unwrap_or_else(|| Err(unknown(key, number))),
    }
}

/// Validates a parameter that supports only some values.
fn limited_parameter<'a>(key: &str, value: &str) -> Option<Result<Parameter<'a>, String>> {
    let (allowed, why): (&[&str], _) = match key {
        "channel_binding" => (
            &["disable", "prefer"],
            "channel_binding=require is not supported: leave it out, and use sslmode=verify-full",
        ),
        "client_encoding" => (
            &["utf8", "UTF8", "utf-8", "UTF-8", "unicode", "auto"],
            "client_encoding must be UTF8",
        ),
        "gssencmode" => (
            &["disable", "prefer"],
            "gssencmode=require is not supported: use sslmode=verify-full",
        ),
        "load_balance_hosts" => (
            &["disable"],
            "load_balance_hosts is not supported: all connections are to the server that accepts writes",
        ),
        "schema" | "search_path" | "currentSchema" => (
            &["public"],
            "to use another schema, set options=-csearch_path%3DNAME",
        ),
        "sslnegotiation" => (
            &["postgres"],
            "sslnegotiation=direct is not supported: leave it out",
        ),
        // `any` is the default of other programs. A server that can only be read is never used.
        "target_session_attrs" => (
            &["any", "primary", "read-write"],
            "Wares writes to its database: target_session_attrs must be read-write, which is the default",
        ),
        _ => return None,
    };
    Some(if allowed.contains(&value) {
        Ok(None)
    } else {
        Err(why.to_owned())
    })
}

fn ssl_mode<'a>(key: &str, value: &'a str) -> Result<&'a str, String> {
    match value {
        "true" | "1" | "on" if key == "ssl" => Ok("require"),
        "false" | "0" | "off" if key == "ssl" => Ok("disable"),
        _ if SSL_MODES.contains(&value) => Ok(value),
        _ => Err(format!("{key} must be one of {}", SSL_MODES.join(", "))),
    }
}

/// Returns the message for an unsupported or unknown parameter.
fn unknown(key: &str, number: usize) -> String {
    if UNSUPPORTED.contains(&key) {
        return format!("the parameter {key} is not supported: leave it out");
    }
    let known = SUPPORTED.iter().chain(&WITHOUT_EFFECT).chain(&WITH_RULES);
    let lower_case = key.to_lowercase();
    let candidates = known.map(|name| (osa_distance(name, &lower_case), name));
    match candidates.min() {
        Some((..=2, name)) => {
            format!("parameter {number} after the question mark is unknown. Did you mean {name}?")
        }
        _ => format!(
            "parameter {number} after the question mark is unknown: leave it out. {ENCODING}"
        ),
    }
}
