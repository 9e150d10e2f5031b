//! The `Idempotency-Key` header: a mutation repeated with the same key returns the stored response
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
//!
//! The header is ignored for requests whose responses are not stored: queries, which may be repeated anyway;
//! mutations open to anonymous clients; mutations that return a secret. A response with `Idempotency-Replayed`
//! confirms that the header was applied.

use std::time::Duration;

use async_graphql::Value;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};
use tokio::time::timeout_at;
use uuid::Uuid;

use super::error_list::MutationOutcome;
use super::execution::Execution;
use super::reply::{self, Refusal};
use super::request::GraphqlRequest;
use crate::api::access_rules::AccessRules;
use crate::core::error::{Code, Error};
use crate::core::viewer::{CartOwner, Viewer};
use crate::infra::database::is_unreachable;
use crate::infra::telemetry::traces;
pub use crate::platform::idempotency::service::Call;
use crate::platform::idempotency::service::{self, Claim, ClaimOutcome, KeyState};
use crate::state::State;

/// The header with the client's key.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The response header that states whether the response is a stored one.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The maximum length of a key in characters.
const MAX_KEY: usize = 255;
/// The maximum size of a stored response for an admin, whose mutations may change many objects, in bytes.
const MAX_ANSWER: usize = 1 << 20;
/// The same for customers and guests, which are more numerous. The largest are carts.
const MAX_BUYER_ANSWER: usize = 64 << 10;
/// The time for which an execution continues after its request timed out. Less than the lifetime of a claim.
const EXTENSION: Duration = Duration::from_secs(40);
/// Seconds after which a client should retry if the first request is still in progress.
const RETRY_AFTER: i32 = 5;

/// Returns the call identified by the request's key; `None` without a key, or if the header is ignored.
pub fn call(
    rules: &AccessRules,
    headers: &HeaderMap,
    graphql: &GraphqlRequest,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    viewer: Viewer,
) -> Result<Option<Call>, Refusal> {
    let mut given = headers.get_all(KEY).iter();
    let (first, second) = (given.next(), given.next());
    let (Some(first), Ok(buyer)) = (first, viewer.buyer()) else {
        return Ok(None);
    };
    if !rules.is_response_storable(document, operation) {
        return Ok(None);
    }
    let key = first.to_str().ok().filter(|key| is_key(key));
    let (Some(key), None) = (key, second) else {
        let message = format!(
            "Send one header `Idempotency-Key` of 1 to {MAX_KEY} visible ASCII characters, or none."
        );
        return Err(Refusal::bad_request(message));
    };
    let max_bytes = match viewer {
        Viewer::Admin(_) => MAX_ANSWER,
        _ => MAX_BUYER_ANSWER,
    };
    let owner = match buyer.owner() {
        CartOwner::User(user) => user.into(),
        CartOwner::Guest(cart) => cart.into(),
    };
    Ok(Some(Call::new(owner, key, hash(graphql), max_bytes)))
}

/// The error for a key on an upload: a file is never stored as a whole, so it can't be compared with another.
pub fn no_uploads() -> Refusal {
    Refusal::bad_request("An upload can't have an Idempotency-Key. Remove the header.")
}

fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Executes a call, or returns the stored response of an earlier execution.
///
/// Runs in its own task: a client that disconnects neither aborts the mutation nor leaves its key in use. So does a
/// request timeout, which is usually a commit that waits: a repeated request gets the response.
pub async fn once(
    state: &State,
    call: Call,
    mut execution: Execution,
) -> Result<Response, Refusal> {
    let id = execution.id.clone();
    let deadline = execution.admission.deadline();
    execution.extension = EXTENSION;
    let run = traces::spawn(run(state.clone(), call, execution));
    // The panic hook has logged the cause.
    let Ok(ran) = timeout_at(deadline, run).await else {
        tracing::warn!("request timed out");
        return Err(Refusal {
            outcome: Some(MutationOutcome::Unknown),
            ..Refusal::internal(&Error::TimedOut)
        });
    };
    ran.unwrap_or_else(|_| Ok(reply::internal_error(&id)))
}

async fn run(state: State, call: Call, mut execution: Execution) -> Result<Response, Refusal> {
    let claim = Uuid::now_v7();
    let begun = loop {
        let begun = service::begin(&state, &call, claim).await;
        let waits = match &begun {
            Ok(key) => matches!(key, KeyState::InUse),
            Err(error) => is_unreachable(error),
        };
        if !waits || !execution.admission.wait_for(&state.db, false).await {
            break begun;
        }
    };
    match begun.map_err(|error| internal(&error))? {
        KeyState::Claimed(claim) => Box::pin(execute(*claim, execution)).await,
        KeyState::Completed(response) => {
            Ok(set_replayed(reply::again(response, execution.media), true))
        }
        KeyState::Reused => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            Code::IdempotencyKeyReused,
            "This Idempotency-Key was used for a different request. Use a new key for each mutation.",
        )),
        KeyState::InUse => Err(in_use()),
        KeyState::ResponseLost => Err(Refusal::new(
            StatusCode::CONFLICT,
            Code::IdempotencyAnswerLost,
            "The mutation was executed before, but its response was lost. Query the current state.",
        )),
    }
}

async fn execute(claim: Claim, execution: Execution) -> Result<Response, Refusal> {
    let state = claim.state();
    let (response, contents) = Box::pin(claim.renew_during(execution.run(&state))).await;
    let (parts, body) = response.into_parts();
    // The body is in memory, so reading it can't fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let response = String::from_utf8_lossy(&body);
    match claim.finish(&response, contents).await {
        Ok(ClaimOutcome::StillClaimed) => {}
        Ok(ClaimOutcome::TakenOver) => return Err(in_use()),
        // The mutation was executed all the same. If the response can't be stored while the claim lasts, a repeated
        // request returns `IDEMPOTENCY_ANSWER_LOST`.
        Err(error) if is_unreachable(&error) => {
            let response = response.into_owned();
            let store = async move { claim.finish_later(&response, contents).await };
            traces::spawn(store);
        }
        Err(error) => traces::log_failure(&error, "storing an idempotent response failed"),
    }
    let response = Response::from_parts(parts, Body::from(body));
    Ok(set_replayed(response, false))
}

fn set_replayed(mut response: Response, replayed: bool) -> Response {
    let value = if replayed { "true" } else { "false" };
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static(value));
    response
}

fn in_use() -> Refusal {
    Refusal {
        retry_after: Some(RETRY_AFTER),
        ..Refusal::new(
            StatusCode::CONFLICT,
            Code::IdempotencyKeyInUse,
            "The first request with this Idempotency-Key is still in progress. Try again later.",
        )
    }
}

fn internal(error: &Error) -> Refusal {
    traces::log_failure(error, "idempotency key lookup failed");
    Refusal::internal(error)
}

/// Hashes the request. Neither the order of object fields nor the formatting of the JSON matters.
fn hash(graphql: &GraphqlRequest) -> [u8; 32] {
    let mut hash = Sha256::new();
    add_text(&mut hash, &graphql.query);
    add_text(
        &mut hash,
        graphql.operation_name.as_deref().unwrap_or_default(),
    );
    // Already sorted.
    for (name, value) in graphql.variables.iter() {
        add_text(&mut hash, name);
        add(&mut hash, value);
    }
    hash.finalize().into()
}

fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            // The JSON library sorts them too, unless its feature `preserve_order` is enabled.
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            hash.update(b"{");
            for (name, value) in fields {
                add_text(hash, name);
                add(hash, value);
            }
            hash.update(b"}");
        }
        Value::List(values) => {
            hash.update(b"[");
            for value in values {
                add(hash, value);
            }
            hash.update(b"]");
        }
        Value::String(text) => add_text(hash, text),
        plain => {
            hash.update(b"=");
            add_text(hash, &plain.to_string());
        }
    }
}

/// Adds a text with its length, so that different sequences of texts have different encodings.
fn add_text(hash: &mut Sha256, text: &str) {
    hash.update(b"\"");
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}
