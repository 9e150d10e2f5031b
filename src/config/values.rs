//! Value types and parsers of settings.

use std::net::IpAddr;
use std::ops::RangeBounds;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::RangedI64ValueParser;
use ipnet::IpNet;
use url::Url;

use crate::core::country::Country;

/// On, off, or depending on the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    Auto,
    #[value(aliases = ["true", "1"])]
    On,
    #[value(aliases = ["false", "0"])]
    Off,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    #[value(aliases = ["true", "1"])]
    On,
    #[value(aliases = ["false", "0"])]
    Off,
}

/// The format of log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Human-readable lines.
    Text,
    /// One JSON object per line.
    Json,
}

impl Switch {
    /// Returns whether it is on.
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// A rate limit: `3/1h` allows a burst of three, and refills one every 20 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The maximum number at once.
    pub burst: u32,
    /// The time after which the full burst is available again.
    pub period: Duration,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || "not a rate such as 10/1m".to_owned();
        let (burst, period) = text.split_once('/').ok_or_else(invalid)?;
        let burst = burst.trim().parse().map_err(|_| invalid())?;
        let period = duration(period)?;
        if !(1..=1_000_000).contains(&burst) || period > YEAR {
            return Err(invalid());
        }
        Ok(Self { burst, period })
    }
}

const DAY: Duration = Duration::from_hours(24);
/// The longest year, so that a period of years is never shorter than in the calendar.
const YEAR: Duration = Duration::from_hours(366 * 24);

/// Parses a duration: a whole number with the unit `ms`, `s`, `m`, `h`, `d` or `y`.
fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || "not a duration such as 500ms, 90s, 10m, 24h or 30d".to_owned();
    let text = text.trim();
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        "d" => DAY,
        "y" => YEAR,
        _ => return Err(invalid()),
    };
    let count: u32 = digits.parse().map_err(|_| invalid())?;
    let duration = unit.checked_mul(count).ok_or_else(invalid)?;
    if duration.is_zero() {
        return Err(invalid());
    }
    Ok(duration)
}

/// Returns a parser of integers in this range.
pub(super) fn within(range: impl RangeBounds<i64>) -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(range)
}

/// Parses a duration of at most a day.
pub(super) fn within_a_day(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|duration| at_most(duration, DAY, "a day"))
}

/// Parses a duration of at most a year.
pub(super) fn within_a_year(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|duration| at_most(duration, YEAR, "a year"))
}

/// Parses a duration of at most 100 years.
pub(super) fn within_a_century(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|duration| at_most(duration, 100 * YEAR, "100 years"))
}

fn at_most(duration: Duration, max: Duration, name: &str) -> Result<Duration, String> {
    if duration > max {
        return Err(format!("longer than {name}"));
    }
    Ok(duration)
}

/// Parses the name of an HTTP header; returns it in lower case (RFC 9110, 5.6.2).
pub(super) fn header_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if text == "*" {
        return Err("a wildcard is not allowed with credentials: name each header".to_owned());
    }
    if text.is_empty() || text.len() > 100 || !text.bytes().all(is_of_token) {
        return Err("not the name of a header such as x-client-version".to_owned());
    }
    Ok(text.to_ascii_lowercase())
}

/// Parses an origin: scheme, host and port, as browsers send it.
pub(super) fn origin(text: &str) -> Result<String, String> {
    const PATTERN: &str = "a pattern is not supported, because it would admit the pages of others, \
                           with the cookies and sign-ins of customers: list each origin";
    const EXPECTED_FORM: &str =
        "an origin is a scheme and a host, such as https://shop.example.com";
    let text = text.trim();
    let invalid = |why: &str| Err(format!("{why}; {EXPECTED_FORM}"));
    match text {
        "" => return invalid("there is nothing between two commas, or after the last"),
        "null" => return invalid("every sandboxed page of any site has the origin null"),
        _ if text.starts_with(['[', '"', '\'']) => {
            return invalid("write the origins without brackets and quotes, separated by commas");
        }
        _ if text.contains('*') => return invalid(PATTERN),
        _ if text.contains([' ', ';']) => return invalid("separate origins by commas"),
        _ if !text.contains("://") => {
            return invalid("the scheme is missing: write https:// before it");
        }
        _ => {}
    }
    let Ok(url) = Url::parse(text) else {
        return invalid("this is not a valid URL");
    };
    if is_pattern(&url) {
        return invalid(PATTERN);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return invalid("the scheme must be https or http");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return invalid("leave the user and the password out");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return invalid("leave out what follows the host: browsers send no path");
    }
    Ok(url.origin().ascii_serialization())
}

/// Returns whether the host is a pattern, such as `*.example.com`, `.example.com` or `{shop}.example.com`.
pub(super) fn is_pattern(url: &Url) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    url.domain()
        .is_some_and(|host| host.starts_with('.') || !host.bytes().all(is_plain))
}

/// Parses an HTTP URL; returns it without trailing slashes.
pub(super) fn http_address(text: &str) -> Result<String, String> {
    const INVALID: &str = "not a URL such as https://s3.example.com";
    let url = Url::parse(text.trim()).map_err(|_| INVALID)?;
    let bare = url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    if !bare
        || !open
        || is_pattern(&url)
        || !url.has_host()
        || !matches!(url.scheme(), "http" | "https")
    {
        return Err(INVALID.to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Parses the name of an S3 bucket.
pub(super) fn bucket(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = (3..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| plain(byte) || matches!(byte, b'-' | b'.'))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.ends_with(|last: char| last.is_ascii_alphanumeric())
        && !text.contains("..");
    if !fits {
        return Err("not a name of 3 to 63 letters a-z, digits, - and .".to_owned());
    }
    Ok(text.to_owned())
}

/// Parses the name of a region, such as `eu-central-1`.
pub(super) fn region(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || text.len() > 60 || !text.bytes().all(plain) {
        return Err("not a region such as eu-central-1".to_owned());
    }
    Ok(text.to_owned())
}

/// Parses the name of the shop. It appears in email headers, so it is one short line.
pub(super) fn shop_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err("not a name of 1 to 100 characters on one line".to_owned());
    }
    Ok(name.to_owned())
}

/// Parses a country code.
pub(super) fn country(text: &str) -> Result<Country, &'static str> {
    text.parse()
        .map_err(|_| "not an ISO 3166-1 country code such as DE")
}

/// Parses an IP address or a network such as `10.0.0.0/8`.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse::<IpNet>().or_else(|_| address());
    network.map_err(|_| "not an IP address or a network such as 10.0.0.0/8".to_owned())
}

/// Parses the name of an index of a search server.
pub(super) fn search_index(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=400).contains(&name.len()) && name.bytes().all(is_allowed) {
        Ok(name.to_owned())
    } else {
        Err("not a name of up to 400 letters, digits, `-` and `_`")
    }
}
