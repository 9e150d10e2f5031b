//! Authentication of a request by the bearer token in its `Authorization` header (RFC 6750), or by the token of a cart.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use tokio::time::timeout_at;

use super::admission::Admission;
use super::reply::Refusal;
use crate::accounts::auth::service;
use crate::core::client_info::Client;
use crate::core::error::{Code, Error, Result};
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

/// The parts of an operation that its authentication depends on.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticationNeeds {
    /// Whether the token of a cart is looked up.
    pub has_cart_fields: bool,
    /// Whether the operation is executed anonymously with an expired token, because it returns a new one.
    pub needs_no_token: bool,
}

/// Returns the viewer of a request before its deadline. Waits for a database that does not respond.
pub async fn in_time(
    state: &State,
    headers: &HeaderMap,
    needs: AuthenticationNeeds,
    client: &Client,
    admission: &mut Admission,
) -> Result<Viewer, Refusal> {
    loop {
        let found = timeout_at(
            admission.deadline(),
            of_request(state, headers, needs, client),
        );
        let refusal = match found.await {
            Ok(Ok(viewer)) => return Ok(viewer),
            Ok(Err(refusal)) => refusal,
            Err(_) => {
                tracing::warn!("request timed out");
                return Err(Refusal::internal(&Error::TimedOut));
            }
        };
        if refusal.connection_lost.is_none() || !admission.wait_for(&state.db, false).await {
            return Err(refusal);
        }
    }
}

async fn of_request(
    state: &State,
    headers: &HeaderMap,
    needs: AuthenticationNeeds,
    client: &Client,
) -> Result<Viewer, Refusal> {
    match viewer(state, headers).await {
        Ok(Viewer::Anonymous) if needs.has_cart_fields => guest(state, client).await,
        Err(refusal) if refusal.code == Code::Unauthenticated && needs.needs_no_token => {
            Ok(Viewer::Anonymous)
        }
        viewer => viewer,
    }
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
        Err(error) => Err(failed(&error, "session lookup failed")),
    }
}

/// Returns the viewer of a request without credentials: a guest if it has the token of a cart, otherwise anonymous. An
/// invalid token is ignored here: fields that need a cart refuse the anonymous viewer.
pub async fn guest(state: &State, client: &Client) -> Result<Viewer, Refusal> {
    let Some(token) = client.any_cart_token() else {
        return Ok(Viewer::Anonymous);
    };
    let found = find_guest(state, token).await;
    found.map_err(|error| failed(&error, "cart lookup failed"))
}

/// Returns the refusal of a lookup that failed. A lost connection is logged when the request is not executed again.
fn failed(error: &Error, message: &str) -> Refusal {
    let refusal = Refusal::internal(error);
    if refusal.connection_lost.is_none() {
        traces::log_failure(error, message);
    }
    refusal
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
