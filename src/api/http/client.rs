//! What a request tells of its client: where it calls from, what it is, and the cookie it brings.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, USER_AGENT};
use ipnet::IpNet;

use super::request::has_preflight_header;
use crate::accounts::auth::graphql::{device_cookie_name, refresh_cookie_name};
use crate::config::Config;
use crate::core::client_info::{Client, Network};

/// How many characters of a `User-Agent` are kept.
const MAX_USER_AGENT: usize = 300;

/// The client of a request that came over a connection from `peer`.
pub fn of_request(config: &Config, headers: &HeaderMap, peer: SocketAddr) -> Client {
    let preflighted = has_preflight_header(headers);
    // Without such a header another site may have sent the request, and the browser the cookie with it.
    let refresh = cookie(headers, &refresh_cookie_name(config));
    let cookie = refresh.as_ref().copied().unwrap_or_default();
    // Its seal says whether it is ours, so that another one does no harm.
    let device = cookie_values(headers, &device_cookie_name(config)).next();
    Client {
        address: address(
            headers,
            peer.ip().to_canonical(),
            &config.connections.trusted_proxies,
        ),
        user_agent: user_agent(headers),
        unguarded_cookie: cookie.is_some() && !preflighted,
        cookie_conflict: refresh.is_err(),
        device_cookie: device.map(|token| token.to_owned().into()),
        refresh_cookie: cookie
            .filter(|_| preflighted)
            .map(|token| token.to_owned().into()),
        preflighted,
    }
}

/// The network that a request over a connection from `peer` comes from.
pub fn network(config: &Config, headers: &HeaderMap, peer: SocketAddr) -> Network {
    let trusted = &config.connections.trusted_proxies;
    Network::of(address(headers, peer.ip().to_canonical(), trusted))
}

/// Where a request comes from. Each proxy that is trusted is believed about who called it, and no other is.
fn address(headers: &HeaderMap, peer: IpAddr, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut address = peer;
    let forwarded = headers.get_all("x-forwarded-for").iter();
    let mut hops: Vec<&str> = forwarded
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    while is_trusted(address) {
        let Some(before) = hops.pop().and_then(parse_hop) else {
            break;
        };
        address = before.to_canonical();
    }
    address
}

/// An address, perhaps in brackets, perhaps with a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().or_else(|_| with_port()).ok()
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(USER_AGENT)?.as_bytes());
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let text: String = text.chars().take(MAX_USER_AGENT).map(plain).collect();
    (!text.is_empty()).then_some(text)
}

/// More than one value of a cookie.
struct Conflict;

/// The value of a cookie. Of two with different values, a neighbouring host may have set one.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Conflict> {
    let mut values = cookie_values(headers, name);
    let first = values.next();
    if values.any(|value| Some(value) != first) {
        return Err(Conflict);
    }
    Ok(first.filter(|value| !value.is_empty()))
}

/// The values of all cookies with this name.
fn cookie_values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let named = cookies(headers).filter(move |(key, _)| *key == name);
    named.map(|(_, value)| value)
}

/// The cookies of a request, names and values. A name can be there more than once.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let cookies = headers.get_all(COOKIE).iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}
