//! Request ids: in log records, in the response header `x-request-id`, and in internal errors.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tracing::Instrument;
use uuid::Builder;

use super::metrics::Operation;
use super::reply;
use crate::infra::telemetry::{log, traces};

/// The id of a request.
#[derive(Clone, Debug)]
pub struct RequestId(String);

impl RequestId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MAX_LENGTH: usize = 64;

/// Assigns the id of a request, logs the completed request, unless it is a probe, and returns the id to the client. An id given by a proxy
/// is used if it is a plain word.
pub async fn assign_request_id(mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(HEADER)
        .and_then(|id| id.to_str().ok());
    let id = match given {
        Some(id) if is_plain(id) => id.to_owned(),
        _ => generate_id(),
    };
    let id = RequestId(id);
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", id = id.as_str());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());

    let trace = if is_probe(&path) {
        None
    } else {
        traces::begin(&method, &path, request.headers(), id.as_str())
    };

    let started = Instant::now();
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let run = run.instrument(span.clone());
    let response = match &trace {
        Some(trace) => trace.in_span(run).await,
        None => run.await,
    };
    // The panic hook has logged the cause.
    let mut response = response.unwrap_or_else(|_| reply::internal_error(&id));
    let duration_ms = log::milliseconds(started.elapsed());
    let status = response.status().as_u16();
    let operation = response.extensions().get::<Operation>();
    if let Some(trace) = trace {
        if let Some(Operation {
            kind,
            name,
            outcome,
        }) = operation
        {
            trace.set_operation(kind.as_str(), name, outcome.as_str());
        }
        trace.end(status);
    }
    span.in_scope(|| {
        let outcome = operation.map(|operation| operation.outcome.as_str());
        let operation = operation.map(|operation| &*operation.name);
        if is_probe(&path) {
            tracing::debug!(%method, path, status, duration_ms, "request completed");
        } else {
            tracing::info!(%method, path, status, operation, outcome, duration_ms, "request completed");
        }
    });

    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// Generates a new id. It need not be unpredictable, so it uses no system randomness.
fn generate_id() -> String {
    let id = Builder::from_random_bytes(rand::random()).into_uuid();
    id.simple().to_string()
}

/// Returns whether the path is one that monitoring requests continually.
pub fn is_probe(path: &str) -> bool {
    path == "/metrics" || path.starts_with("/health/")
}

fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(plain)
}
