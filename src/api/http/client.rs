//! Reads the client's address, user agent and cookies from a request.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use super::request::has_preflight_header;
use crate::accounts::auth::graphql::{device_cookie_name, refresh_cookie_name};
use crate::config::Config;
use crate::core::client_info::{Client, Network};
use crate::core::secret::Secret;
use crate::sales::cart::graphql::cart_cookie_name;

/// The header with the token of a cart.
pub const CART_TOKEN: HeaderName = HeaderName::from_static("cart-token");
/// The maximum number of characters of a `User-Agent` that are stored.
const MAX_USER_AGENT: usize = 300;

/// Returns the client of a request received from `peer`.
pub fn of_request(config: &Config, headers: &HeaderMap, peer: SocketAddr) -> Client {
    let preflighted = has_preflight_header(headers);
    // Without such a header another site may have sent the request, and the browser the cookie with it.
    let refresh = cookie(headers, &refresh_cookie_name(config));
    let cookie = refresh.as_ref().copied().unwrap_or_default();
    let cart_cookie = self::cookie(headers, &cart_cookie_name(config));
    // The token is signed, so a forged one has no effect.
    let device = cookie_values(headers, &device_cookie_name(config)).next();
    Client {
        address: address(
            headers,
            peer.ip().to_canonical(),
            &config.connections.trusted_proxies,
        ),
        user_agent: user_agent(headers),
        ignored_cookie: cookie.is_some() && !preflighted,
        cookie_conflict: refresh.is_err(),
        device_cookie: device.map(|token| token.to_owned().into()),
        refresh_cookie: cookie
            .filter(|_| preflighted)
            .map(|token| token.to_owned().into()),
        cart_token: cart_token(headers),
        // One of different values may have been set by another host: none is accepted.
        cart_cookie: cart_cookie
            .ok()
            .flatten()
            .filter(|_| preflighted)
            .map(|token| token.to_owned().into()),
        preflighted,
    }
}

/// Returns the token of a cart in the header. The text `null` or `undefined` is what JavaScript makes of an absent one.
fn cart_token(headers: &HeaderMap) -> Option<Secret> {
    let token = headers.get(CART_TOKEN)?.to_str().ok()?.trim();
    (!matches!(token, "" | "null" | "undefined")).then(|| token.to_owned().into())
}

/// Returns the network of the client of a request received from `peer`.
pub fn network(config: &Config, headers: &HeaderMap, peer: SocketAddr) -> Network {
    let trusted = &config.connections.trusted_proxies;
    Network::of(address(headers, peer.ip().to_canonical(), trusted))
}

/// Returns the client's address. Only trusted proxies are followed through `X-Forwarded-For`.
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

/// Parses an address, optionally in brackets or with a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().or_else(|_| with_port()).ok()
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(USER_AGENT)?.as_bytes());
    let plain = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    let text: String = text.chars().take(MAX_USER_AGENT).map(plain).collect();
    (!text.is_empty()).then_some(text)
}

/// A cookie with different values.
struct Conflict;

/// Returns the value of a cookie. Different values are an error: a sibling host may have set one.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Conflict> {
    let mut values = cookie_values(headers, name);
    let first = values.next();
    if values.any(|value| Some(value) != first) {
        return Err(Conflict);
    }
    Ok(first.filter(|value| !value.is_empty()))
}

/// Returns the values of all cookies with this name.
fn cookie_values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let named = cookies(headers).filter(move |(key, _)| *key == name);
    named.map(|(_, value)| value)
}

/// Returns the names and values of all cookies. A name may occur more than once.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let cookies = headers.get_all(COOKIE).iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}
