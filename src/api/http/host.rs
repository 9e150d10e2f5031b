//! The host of a request (RFC 9112, section 3.2; RFC 9113, section 8.3.1).

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{Request, Version};

use super::reply::Refusal;

/// Checks that a request has exactly one valid host.
///
/// # Errors
/// `BAD_REQUEST` if there is none (except in HTTP/1.0), more than one, or an invalid one.
pub fn check<B>(request: &Request<B>) -> Result<(), Refusal> {
    let mut fields = request.headers().get_all(HOST).iter();
    let (host, second) = (fields.next(), fields.next());
    if second.is_some() {
        return Err(refusal("The request has more than one Host header."));
    }
    let named = host.map(|host| parse(host.as_bytes()));
    if named == Some(None) {
        return Err(refusal("The Host header is invalid."));
    }
    let authority = request.uri().authority();
    if authority.is_some_and(|authority| parse(authority.as_str().as_bytes()).is_none()) {
        return Err(refusal("The host of the request is invalid."));
    }
    let is_http_2 = request.version() == Version::HTTP_2;
    match (named.flatten(), authority) {
        (Some(host), Some(authority)) if is_http_2 && host != *authority => {
            Err(refusal("The Host header differs from `:authority`."))
        }
        (None, None) if is_http_2 => Err(refusal("The request has no `:authority`.")),
        (None, _) if request.version() == Version::HTTP_11 => {
            Err(refusal("The request has no Host header."))
        }
        _ => Ok(()),
    }
}

/// Parses a host with an optional port (RFC 9110, section 7.2).
fn parse(text: &[u8]) -> Option<Authority> {
    let authority = Authority::try_from(text).ok()?;
    let host = authority.host();
    // Only a port may follow the host; a Host header has no user name.
    let port = authority.as_str().strip_prefix(host)?;
    let is_port = |digits: &str| {
        digits.is_empty()
            || digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
    };
    let is_valid = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    // A gateway joins two Host headers with a comma.
    let is_one = !host.is_empty() && !host.contains(',');
    (is_valid && is_one).then_some(authority)
}

fn refusal(message: &'static str) -> Refusal {
    Refusal::bad_request(message)
}
