//! The header `Idempotency-Key`: a mutation that is sent again under the key of the first time is answered as it was
//! then (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
//!
//! Where nothing is to be kept the header means nothing: for queries, which may be repeated anyway; for what strangers may
//! ask for; and for mutations that answer with a secret. An answer that tells `Idempotency-Replayed` says that it counted.

use async_graphql::Value;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::execution::Execution;
use super::reply::{self, Refusal};
use super::request::GraphqlRequest;
use crate::api::access_rules::Rules;
use crate::core::error::{Code, Error};
use crate::core::viewer::Viewer;
use crate::infra::telemetry::traces;
pub use crate::platform::idempotency::service::Call;
use crate::platform::idempotency::service::{self, Begun, Claim, Finished};
use crate::state::State;

/// What a client calls a mutation by, so that sending it again does not do it again.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Whether the answer is that of an earlier execution.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How many characters a key has at the most.
const MAX_KEY: usize = 255;
/// How many bytes of an answer are kept for an admin, who changes many things at once.
const MAX_ANSWER: usize = 1 << 20;
/// The same for a customer, who changes little, and of whom there are many.
const MAX_CUSTOMER_ANSWER: usize = 16 << 10;
/// How many seconds to wait for a call that takes longer than one is willing to wait here.
const RETRY_AFTER: i32 = 5;

/// The call that a request makes under its key; nothing when it has none, or one that means nothing.
pub fn call(
    rules: &Rules,
    headers: &HeaderMap,
    graphql: &GraphqlRequest,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    viewer: Viewer,
) -> Result<Option<Call>, Refusal> {
    let mut given = headers.get_all(KEY).iter();
    let (first, second) = (given.next(), given.next());
    let (Some(first), Ok(who)) = (first, viewer.signed_in()) else {
        return Ok(None);
    };
    if !rules.is_keepable(document, operation) {
        return Ok(None);
    }
    let key = first.to_str().ok().filter(|key| is_key(key));
    let (Some(key), None) = (key, second) else {
        let message = format!(
            "Send one header `Idempotency-Key` of 1 to {MAX_KEY} visible ASCII characters, or none."
        );
        return Err(Refusal::bad_request(message));
    };
    let most = match viewer {
        Viewer::Admin(_) => MAX_ANSWER,
        _ => MAX_CUSTOMER_ANSWER,
    };
    let user = who.user().into();
    Ok(Some(Call::new(user, key, hash(graphql), most)))
}

/// The refusal of a key that comes with an upload: a file is never there as a whole, to be compared with another.
pub fn no_uploads() -> Refusal {
    Refusal::bad_request("An upload can't have an Idempotency-Key: leave the header out.")
}

fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Executes a call, unless that was done before; then gives the answer of that time.
///
/// In a task of its own: a client that goes away cuts nothing half-way, and leaves no key that nobody works for.
pub async fn once(state: &State, call: Call, execution: Execution) -> Result<Response, Refusal> {
    let id = execution.id.clone();
    let run = traces::within(run(state.clone(), call, execution).in_current_span());
    // The panic hook has logged the cause.
    let ran = tokio::spawn(run).await;
    ran.unwrap_or_else(|_| Ok(reply::internal_error(&id)))
}

async fn run(state: State, call: Call, execution: Execution) -> Result<Response, Refusal> {
    let begun = service::begin(&state, &call).await;
    match begun.map_err(|error| internal(&error))? {
        Begun::Claimed(claim) => Box::pin(execute(*claim, execution)).await,
        Begun::Answered(answer) => Ok(tell(reply::again(answer, execution.media), true)),
        Begun::Reused => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            Code::IdempotencyKeyReused,
            "This Idempotency-Key was used for another request. Use a new key for each thing that is to be done.",
        )),
        Begun::InUse => Err(in_use()),
        Begun::AnswerLost => Err(Refusal::new(
            StatusCode::CONFLICT,
            Code::IdempotencyAnswerLost,
            "This was done before, but its answer was lost. Look at what became of it.",
        )),
    }
}

async fn execute(claim: Claim, execution: Execution) -> Result<Response, Refusal> {
    let state = claim.state();
    let (response, contents) = Box::pin(claim.hold(execution.run(&state))).await;
    let (parts, body) = response.into_parts();
    // Made in memory just now: reading it can't fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let answer = String::from_utf8_lossy(&body);
    match claim.finish(&answer, contents).await {
        Ok(Finished::Alone) => {}
        Ok(Finished::Replaced) => return Err(in_use()),
        // It was done all the same. Who asks again is told so.
        Err(error) => traces::log_failure(&error, "an answer could not be kept"),
    }
    let response = Response::from_parts(parts, Body::from(body));
    Ok(tell(response, false))
}

fn tell(mut response: Response, replayed: bool) -> Response {
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
            "The first request with this Idempotency-Key is not done yet. Try again later.",
        )
    }
}

fn internal(error: &Error) -> Refusal {
    traces::log_failure(error, "an idempotency key could not be looked up");
    Refusal::internal(error)
}

/// A hash of what is to be executed. The order of names in an object does not count, nor how the JSON is laid out.
fn hash(graphql: &GraphqlRequest) -> [u8; 32] {
    let mut hash = Sha256::new();
    add_text(&mut hash, &graphql.query);
    add_text(
        &mut hash,
        graphql.operation_name.as_deref().unwrap_or_default(),
    );
    // Sorted already.
    for (name, value) in graphql.variables.iter() {
        add_text(&mut hash, name);
        add(&mut hash, value);
    }
    hash.finalize().into()
}

fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            // The JSON library sorts them too, as long as nobody asks it to keep their order.
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

/// With its length before it, so that no two texts look like two others.
fn add_text(hash: &mut Sha256, text: &str) {
    hash.update(b"\"");
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}
