//! `/graphql`: GraphQL over HTTP, and GraphiQL for browsers.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Instant;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{self, ConnectInfo, State};
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;

use super::App;
use super::authenticate;
use super::body;
use super::cached::{self, Transport};
use super::client;
use super::idempotency;
use super::memory::RequestMemory;
use super::metrics::{self, OperationLabels};
use super::multipart::Incoming;
use super::negotiation::{MediaType, negotiate};
use super::reply::Refusal;
use super::request::{self, GraphqlRequest};
use super::request_context::RequestContext;
use super::request_id::RequestId;
use crate::core::error::Code;

pub async fn graphql(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: extract::Request,
) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let accepted = accepted(&parts);
    let context = RequestContext {
        app: &app,
        id,
        peer,
        headers: &parts.headers,
        transport: match parts.method {
            Method::GET => Transport::Get,
            _ => Transport::Post,
        },
        media: match accepted {
            None | Some(MediaType::Html) => MediaType::Json,
            Some(media) => media,
        },
        labels: OnceLock::new(),
        changed: OnceLock::new(),
    };
    let result = match (&parts.method, accepted) {
        (&Method::POST | &Method::GET, None) => Err(not_acceptable()),
        (&Method::GET, Some(MediaType::Html)) => page(&app),
        (&Method::GET, Some(_)) => get(&context, &parts).await,
        (&Method::POST, Some(_)) => post(&context, &parts, body).await,
        _ => Err(Refusal::method("GET, POST")),
    };
    let executed = result.is_ok();
    let mut response = result.unwrap_or_else(|refusal| refusal.reply(context.media));
    metrics::count(&app.state, context.labels, executed, &mut response, started);
    set_caching(&mut response, &parts);
    response
}

/// Returns the preferred media type of the client. `None` if it accepts none, or the method is not supported.
fn accepted(parts: &Parts) -> Option<MediaType> {
    let offers: &[MediaType] = match parts.method {
        Method::POST => &[MediaType::Json, MediaType::GraphqlResponse],
        Method::GET => &[MediaType::Json, MediaType::GraphqlResponse, MediaType::Html],
        _ => return None,
    };
    negotiate(&parts.headers, offers)
}

/// Sets the caching headers of a response. By default no cache may store it.
fn set_caching(response: &mut Response, request: &Parts) {
    let is_private =
        request.method != Method::GET || authenticate::has_credentials(&request.headers);
    let headers = response.headers_mut();
    // A page, JSON and GraphQL's own JSON have the same address, and the response depends on the viewer.
    headers.append(VARY, HeaderValue::from_static("accept, authorization"));
    if is_private || !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

async fn post(
    context: &RequestContext<'_>,
    parts: &Parts,
    body: Body,
) -> Result<Response, Refusal> {
    let config = &context.app.state.config;
    let network = client::network(config, &parts.headers, context.peer);
    let memory = RequestMemory::of(parts, network);
    if request::has_files(&parts.headers)? {
        let incoming = Incoming::new(config, &parts.headers, body)?;
        return post_files(context, incoming, &memory).await;
    }
    let body = body::read(body, &memory, config.connections.body_timeout);
    let (body, _reservation) = body.await?;
    cached(context, &body, || request::from_json(&body, &config.limits)).await
}

/// Executes a request with files while they are being received.
async fn post_files(
    context: &RequestContext<'_>,
    incoming: Incoming,
    memory: &RequestMemory,
) -> Result<Response, Refusal> {
    let reservation = memory.reserve(Incoming::MAX_HELD).await?;
    let (request, uploads) = incoming.read().await?;
    drop(reservation);
    let response = Box::pin(context.execute(request, Some(&uploads))).await;
    uploads.close();
    response
}

async fn get(context: &RequestContext<'_>, parts: &Parts) -> Result<Response, Refusal> {
    let config = &context.app.state.config;
    if !config.graphql.graphql_get.is_on() {
        return Err(Refusal::method("POST"));
    }
    let query = parts.uri.query().unwrap_or_default();
    let key = Bytes::copy_from_slice(query.as_bytes());
    cached(context, &key, || request::from_query(query, &config.limits)).await
}

/// Returns the cached response. On a miss parses and executes the request, and stores the response if it may be
/// cached.
async fn cached(
    context: &RequestContext<'_>,
    bytes: &Bytes,
    read: impl FnOnce() -> Result<GraphqlRequest, Refusal>,
) -> Result<Response, Refusal> {
    let (state, headers) = (&context.app.state, context.headers);
    let cache = &state.read_cache;
    let key = cached::key(context.transport, context.media, bytes);
    if headers.contains_key(idempotency::KEY) {
        return Box::pin(context.execute(read()?, None)).await;
    }
    if authenticate::has_credentials(headers) {
        let request = read()?;
        let key = (!request.registers()).then_some(&key);
        return Box::pin(context.execute_or_find(request, None, key)).await;
    }
    let transport = (
        context.transport,
        context.media,
        state.config.caching.http_max_age,
    );
    let stale_for = state.config.pooling.stale_for();
    // Without a primary, replicas are more recent than the memory.
    let is_replicated = state.db.silent_for().is_some() && state.db.with_replica(0).is_some();
    let found = if is_replicated {
        Err(cached::without_lookup(headers, transport, stale_for))
    } else {
        cached::find(cache, headers, transport, stale_for, &key).await
    };
    let public = match found {
        Ok(response) => {
            state.metrics.count_cached(true);
            _ = context.labels.set(OperationLabels::cached());
            return Ok(response);
        }
        Err(public) => public,
    };
    if cache.is_on() {
        state.metrics.count_cached(false);
    }
    if let Some(changed) = public.changed() {
        _ = context.changed.set(changed);
    }
    let request = read()?;
    let may_store = !request.registers();
    let response = Box::pin(context.execute(request, None)).await?;
    Ok(public.finish(cache, response, may_store).await)
}

fn page(app: &App) -> Result<Response, Refusal> {
    let page = app.graphiql.as_ref();
    let page = page.map(|page| page.respond(&app.state));
    page.ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            Code::NotFound,
            "There is no page here. Send `Accept: application/json` to use the API.",
        )
    })
}

fn not_acceptable() -> Refusal {
    Refusal::new(
        StatusCode::NOT_ACCEPTABLE,
        Code::NotAcceptable,
        "The `Accept` header must allow application/graphql-response+json or application/json.",
    )
}
