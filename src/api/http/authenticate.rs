//! Authentication of a request by the bearer token in its `Authorization` header (RFC 6750), or by the token of a cart.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};

use super::reply::Refusal;
use crate::accounts::auth::service;
use crate::core::client_info::Client;
use crate::core::error::Result;
use crate::core::secret::Secret;
use crate::core::viewer::Viewer;
use crate::infra::telemetry::traces;
use crate::sales::{cart, order};
use crate::state::State;

const SCHEME: &[u8] = b"bearer";

/// Returns whether a request has credentials. An `Authorization` header that is empty or only `Bearer` counts as
/// absent, because clients send it for signed-out users. So does a token `null` or `undefined`, which JavaScript makes
/// of an absent one.
pub fn has_credentials(headers: &HeaderMap) -> bool {
    given(headers).next().is_some()
}

/// Returns the viewer of a request: anonymous without credentials. Invalid credentials are an error.
pub async fn viewer(state: &State, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    let mut given = given(headers);
    let (first, second) = (given.next(), given.next());
    let Some(first) = first else {
        return Ok(Viewer::Anonymous);
    };
    let token = first.to_str().ok().and_then(bearer);
    let (Some(token), None) = (token, second) else {
        return Err(Refusal {
            message: "Send one `Authorization: Bearer` header with your access token, or none."
                .to_owned(),
            ..Refusal::unauthenticated()
        });
    };
    match service::authenticate(state, token).await {
        Ok(viewer) => viewer.ok_or_else(Refusal::unauthenticated),
        Err(error) => {
            traces::log_failure(&error, "session lookup failed");
            Err(Refusal::internal(&error))
        }
    }
}

/// Returns the viewer of a request without credentials: a guest if it has the token of a cart, otherwise anonymous. An
/// invalid token is ignored here: fields that need a cart refuse the anonymous viewer.
pub async fn guest(state: &State, client: &Client) -> Result<Viewer, Refusal> {
    let Some(token) = client.any_cart_token() else {
        return Ok(Viewer::Anonymous);
    };
    find_guest(state, token).await.map_err(|error| {
        traces::log_failure(&error, "cart lookup failed");
        Refusal::internal(&error)
    })
}

async fn find_guest(state: &State, token: &Secret) -> Result<Viewer> {
    let viewer = cart::service::authenticate(state, token).await?;
    if viewer != Viewer::Anonymous {
        return Ok(viewer);
    }
    // A repeated `placeOrder` finds the order by the cart, which is gone.
    let ordered = order::service::ordered_cart(state, token).await?;
    Ok(ordered.map_or(Viewer::Anonymous, Viewer::of_cart))
}

/// Returns the `Authorization` headers with a value.
fn given(headers: &HeaderMap) -> impl Iterator<Item = &HeaderValue> {
    headers.get_all(AUTHORIZATION).iter().filter(|value| {
        let value = value.as_bytes().trim_ascii();
        let token = match value.split_at_checked(SCHEME.len()) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME) => {
                token.trim_ascii_start()
            }
            _ => value,
        };
        !matches!(token, b"" | b"null" | b"undefined")
    })
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
