//! `/graphql`: GraphQL over HTTP, and GraphiQL for browsers.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_graphql::parser::types::{OperationType, Selection};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{self, ConnectInfo, State};
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::App;
use super::authenticate;
use super::body;
use super::cached::{self, Way};
use super::client;
use super::execution::Execution;
use super::idempotency;
use super::introspection::asks_for_schema;
use super::memory::RequestMemory;
use super::metrics::{self, Asked};
use super::multipart::Incoming;
use super::negotiation::{MediaType, negotiate};
use super::parsed::Parsed;
use super::reply::{self, Refusal};
use super::request::{self, GraphqlRequest};
use super::request_id::RequestId;
use crate::core::error::Code;
use crate::core::viewer::Viewer;
use crate::graphql::upload::Uploads;

pub async fn graphql(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: extract::Request,
) -> Response {
    let started = Instant::now();
    let caller = Caller {
        id,
        peer,
        asked: OnceLock::new(),
    };
    // Responses to POST and to authenticated requests must not be shared.
    let private =
        request.method() != Method::GET || authenticate::has_credentials(request.headers());
    let answer = match *request.method() {
        Method::POST => post(&app, &caller, request).await,
        Method::GET => get(&app, &caller, request).await,
        _ => Err((Refusal::method("GET, POST"), MediaType::Json)),
    };
    let executed = answer.is_ok();
    let mut answer = answer.unwrap_or_else(|(refusal, media)| refusal.reply(media));
    metrics::count(&app.state, caller.asked, executed, &mut answer, started);
    let headers = answer.headers_mut();
    // One URL serves a page, JSON and GraphQL's JSON, depending on the viewer.
    headers.append(VARY, HeaderValue::from_static("accept, authorization"));
    if private || !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

/// The connection and the identification of a request.
struct Caller {
    id: RequestId,
    /// The remote end of the connection.
    peer: SocketAddr,
    /// The operation, once known.
    asked: OnceLock<Asked>,
}

/// The HTTP form of a request.
struct Call<'a> {
    headers: &'a HeaderMap,
    /// The media type of the response.
    media: MediaType,
    only_queries: bool,
}

type Answer = Result<Response, (Refusal, MediaType)>;

async fn post(app: &App, caller: &Caller, request: extract::Request) -> Answer {
    let (parts, body) = request.into_parts();
    let offers = [MediaType::Json, MediaType::GraphqlResponse];
    let media = negotiate(&parts.headers, &offers).ok_or_else(not_acceptable)?;
    let refused = |refusal| (refusal, media);
    let call = Call {
        headers: &parts.headers,
        media,
        only_queries: false,
    };
    let config = &app.state.config;
    let memory = RequestMemory::of(&parts, client::network(config, &parts.headers, caller.peer));
    if request::has_files(&parts.headers).map_err(refused)? {
        let incoming = Incoming::new(config, &parts.headers, body).map_err(refused)?;
        return post_files(app, caller, &call, (incoming, memory)).await;
    }
    let timeout = config.connections.body_timeout;
    let body = body::read(body, &memory, timeout).await;
    let (body, _reservation) = body.map_err(refused)?;
    let read = |body: &Bytes| request::from_json(body, &config.limits);
    cached(app, caller, &call, (Way::Post, body), read).await
}

/// Executes a request with files while they are being received.
async fn post_files(
    app: &App,
    caller: &Caller,
    call: &Call<'_>,
    (incoming, memory): (Incoming, RequestMemory),
) -> Answer {
    let refused = |refusal| (refusal, call.media);
    let reservation = memory.reserve(Incoming::MAX_HELD).await.map_err(refused)?;
    let (graphql, uploads) = incoming.read().await.map_err(refused)?;
    drop(reservation);
    let answer = Box::pin(execute(app, caller, call, graphql, Some(&uploads))).await;
    uploads.close();
    answer
}

async fn get(app: &App, caller: &Caller, request: extract::Request) -> Answer {
    let offers = [MediaType::Json, MediaType::GraphqlResponse, MediaType::Html];
    let media = match negotiate(request.headers(), &offers).ok_or_else(not_acceptable)? {
        MediaType::Html => {
            let page = app.graphiql.clone().map(IntoResponse::into_response);
            return page.ok_or_else(no_page);
        }
        media => media,
    };
    if !app.state.config.graphql_get.is_on() {
        return Err((Refusal::method("POST"), media));
    }
    let query = request.uri().query().unwrap_or_default();
    let call = Call {
        headers: request.headers(),
        media,
        only_queries: true,
    };
    let asked = Bytes::copy_from_slice(query.as_bytes());
    let read = |_: &Bytes| request::from_query(query, &app.state.config.limits);
    cached(app, caller, &call, (Way::Get, asked), read).await
}

/// Returns the cached response. On a miss parses and executes the request, and stores the response if it may be
/// cached.
async fn cached(
    app: &App,
    caller: &Caller,
    call: &Call<'_>,
    (way, asked): (Way, Bytes),
    read: impl FnOnce(&Bytes) -> Result<GraphqlRequest, Refusal>,
) -> Answer {
    let cache = &app.state.read_cache;
    let max_age = app.state.config.caching.http_max_age;
    let public = match cached::find(cache, call.headers, (way, call.media, max_age), &asked) {
        Ok(answer) => {
            app.state.metrics.count_cached(true);
            _ = caller.asked.set(Asked::kept());
            return Ok(answer);
        }
        Err(public) => public,
    };
    if public.is_some() && cache.is_on() {
        app.state.metrics.count_cached(false);
    }
    let graphql = read(&asked).map_err(|refusal| (refusal, call.media))?;
    // A document being registered as a persisted query is parsed each time, because it may have been evicted.
    let teaches = graphql.persisted.is_some() && !graphql.query.is_empty();
    let answer = Box::pin(execute(app, caller, call, graphql, None)).await?;
    match public {
        Some(public) => Ok(public.finish(cache, answer, !teaches).await),
        None => Ok(answer),
    }
}

async fn execute(
    app: &App,
    caller: &Caller,
    call: &Call<'_>,
    mut graphql: GraphqlRequest,
    uploads: Option<&Uploads>,
) -> Answer {
    let Call { headers, media, .. } = *call;
    let admitted = admit(app, caller, call, &mut graphql);
    let parsed = admitted.map_err(|refusal| (refusal, media))?;
    let document = &parsed.document;
    let operation = graphql.operation(document, media);
    let operation = operation.map_err(|refusal| (refusal, media))?;
    let client = client::of_request(&app.state.config, headers, caller.peer);
    let limits = &app.state.concurrency;
    let limit = match operation.ty {
        _ if uploads.is_some() => &limits.uploads,
        OperationType::Mutation => &limits.mutations,
        _ => &limits.queries,
    };
    let permit = limit.acquire(client.key()).await;
    let _permit = permit.map_err(|error| (error.into(), media))?;
    let viewer = match authenticate::viewer(&app.state, headers).await {
        Ok(viewer) => viewer,
        Err(refusal)
            if refusal.code == Code::Unauthenticated
                && app.rules.needs_no_token(document, operation) =>
        {
            Viewer::Anonymous
        }
        Err(refusal) => return Err((refusal, media)),
    };
    if let Some(refused) = app.rules.refusal(document, operation, viewer) {
        return Ok(reply::graphql(refused, media, &caller.id));
    }
    let keyed = idempotency::call(&app.rules, headers, &graphql, document, operation, viewer);
    let keyed = keyed.map_err(|refusal| (refusal, media))?;
    let variables = &mut graphql.variables;
    let executable = app
        .parsed
        .executable(&app.schema, &parsed, operation, variables);
    let executable = match executable.await {
        Ok(executable) => executable,
        Err(errors) => {
            let invalid = async_graphql::Response::from_errors(errors);
            return Ok(reply::graphql(invalid, media, &caller.id));
        }
    };
    let fields = &operation.selection_set.node.items;
    let is_one = fields.len() == 1 && matches!(fields[0].node, Selection::Field(_));
    let mutates = operation.ty == OperationType::Mutation;
    let execution = Execution {
        schema: app.schema.clone(),
        graphql,
        document: executable,
        inputs: app.inputs.clone(),
        mutates,
        again: mutates && is_one && uploads.is_none(),
        uploads: uploads.cloned(),
        viewer,
        client,
        media,
        id: caller.id.clone(),
    };
    match keyed {
        None => Ok(Box::pin(execution.run(&app.state)).await.0),
        Some(call) => {
            let answer = idempotency::once(&app.state, call, execution).await;
            answer.map_err(|refusal| (refusal, media))
        }
    }
}

/// Completes a request, and checks its document as far as possible without the viewer.
fn admit(
    app: &App,
    caller: &Caller,
    call: &Call<'_>,
    graphql: &mut GraphqlRequest,
) -> Result<Arc<Parsed>, Refusal> {
    let media = call.media;
    app.documents.complete(graphql)?;
    let parsed = app.parsed.get(graphql, media)?;
    let document = &parsed.document;
    graphql.check(document, media, call.only_queries)?;
    let operation = graphql.operation(document, media)?;
    let variables = &graphql.variables;
    app.parsed
        .check_variables(&parsed, operation, variables, media)?;
    if !app.state.config.introspection() && asks_for_schema(document) {
        let message = "Introspection is disabled.";
        return Err(Refusal::request(
            Code::GraphqlValidationFailed,
            message,
            media,
        ));
    }
    app.documents.keep(graphql);
    _ = caller.asked.set(Asked::of(&app.state, document, operation));
    app.parsed.check_cost(&parsed, operation, graphql, media)?;
    Ok(parsed)
}

fn not_acceptable() -> (Refusal, MediaType) {
    let refusal = Refusal::new(
        StatusCode::NOT_ACCEPTABLE,
        Code::NotAcceptable,
        "The `Accept` header must allow application/graphql-response+json or application/json.",
    );
    (refusal, MediaType::Json)
}

fn no_page() -> (Refusal, MediaType) {
    let refusal = Refusal::new(
        StatusCode::NOT_FOUND,
        Code::NotFound,
        "There is no page here. Send `Accept: application/json` to use the API.",
    );
    (refusal, MediaType::Json)
}
