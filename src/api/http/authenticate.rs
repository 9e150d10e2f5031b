//! Who sends a request: the bearer token of its `Authorization` header (RFC 6750).

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};

use super::reply::Refusal;
use crate::accounts::auth::service;
use crate::core::viewer::Viewer;
use crate::infra::telemetry::traces;
use crate::state::State;

/// Whether a request brings credentials. `Authorization` without a value or with `Bearer` alone is as no header: clients
/// send it for signed-out users.
pub fn has_credentials(headers: &HeaderMap) -> bool {
    given(headers).next().is_some()
}

/// The viewer of a request: anonymous without credentials. Credentials must be valid.
pub async fn viewer(state: &State, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    let mut given = given(headers);
    let (first, second) = (given.next(), given.next());
    let Some(first) = first else {
        return Ok(Viewer::Anonymous);
    };
    let token = first.to_str().ok().and_then(bearer);
    let (Some(token), None) = (token, second) else {
        return Err(Refusal {
            message: "Send one header `Authorization: Bearer` with your access token, or none."
                .to_owned(),
            ..Refusal::unauthenticated()
        });
    };
    match service::authenticate(state, token).await {
        Ok(viewer) => viewer.ok_or_else(Refusal::unauthenticated),
        Err(error) => {
            traces::log_failure(&error, "a session could not be looked up");
            Err(Refusal::internal(&error))
        }
    }
}

/// The `Authorization` headers that hold anything.
fn given(headers: &HeaderMap) -> impl Iterator<Item = &HeaderValue> {
    headers.get_all(AUTHORIZATION).iter().filter(|value| {
        let value = value.as_bytes().trim_ascii();
        !value.is_empty() && !value.eq_ignore_ascii_case(b"bearer")
    })
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
