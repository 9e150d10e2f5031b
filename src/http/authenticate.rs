//! Who sends a request: the bearer token of its `Authorization` header (RFC 6750).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::reply::Refusal;
use crate::auth::service;
use crate::state::State;
use crate::viewer::Viewer;

/// Who sends a request; without a header nobody in particular. A header that is there must be good.
pub async fn viewer(state: &State, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
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
            error.log("a session could not be looked up");
            Err(Refusal::internal(&error))
        }
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
