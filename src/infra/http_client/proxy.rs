//! HTTP proxies from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, and connections through them.

use std::env;

use anyhow::ensure;
use hyper::Uri;
use hyper::http::uri::Scheme;
use hyper_util::client::proxy::matcher::Matcher;

/// The variables that name a proxy. Of two spellings the first that is set takes precedence.
const VARIABLES: [[&str; 2]; 3] = [
    ["HTTPS_PROXY", "https_proxy"],
    ["HTTP_PROXY", "http_proxy"],
    ["ALL_PROXY", "all_proxy"],
];

/// Checks the proxies at start.
///
/// # Errors
/// If a variable is not the address of an HTTP proxy. Names the variable, and not its value, which may hold a password.
pub(super) fn check() -> anyhow::Result<()> {
    for names in VARIABLES {
        let set = names
            .iter()
            .find_map(|name| Some((name, env::var(name).ok()?)));
        let Some((name, value)) = set.filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        let proxy = Matcher::builder().all(value).build();
        let proxy = proxy.intercept(&Uri::from_static("http://shop.invalid"));
        let is_http = proxy.is_some_and(|proxy| proxy.uri().scheme() == Some(&Scheme::HTTP));
        ensure!(
            is_http,
            "{name} is not the URL of an HTTP proxy such as http://proxy.example.com:3128"
        );
    }
    Ok(())
}
