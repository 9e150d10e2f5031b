//! `/graphql`: GraphQL over HTTP, and GraphiQL for a browser that asks for a page.

use std::net::SocketAddr;

use async_graphql::Request;
use axum::Extension;
use axum::extract::{self, ConnectInfo, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::App;
use super::authenticate;
use super::client;
use super::execution::Execution;
use super::idempotency;
use super::introspection::asks_for_schema;
use super::negotiation::{MediaType, negotiate};
use super::reply::{self, Refusal};
use super::request::{self, GraphqlRequest};
use super::request_id::RequestId;
use crate::error::Code;
use crate::viewer::Viewer;

pub async fn graphql(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: extract::Request,
) -> Response {
    let caller = Caller { id, peer };
    // What is asked in a body, or by somebody, is for nobody else.
    let private = request.method() != Method::GET || request.headers().contains_key(AUTHORIZATION);
    let answer = match *request.method() {
        Method::POST => post(&app, &caller, request).await,
        Method::GET => get(&app, &caller, request).await,
        _ => Err((Refusal::method("GET, POST"), MediaType::Json)),
    };
    let mut answer = answer.unwrap_or_else(|(refusal, media)| refusal.reply(media));
    let headers = answer.headers_mut();
    // One address gives a page, JSON and GraphQL's own JSON, to each what it may see.
    headers.append(VARY, HeaderValue::from_static("accept, authorization"));
    if private {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

/// What an answer needs to know of its request besides what it asks for.
struct Caller {
    id: RequestId,
    /// The other end of the connection.
    peer: SocketAddr,
}

type Answer = Result<Response, (Refusal, MediaType)>;

async fn post(app: &App, caller: &Caller, request: extract::Request) -> Answer {
    let (parts, body) = request.into_parts();
    let offers = [MediaType::Json, MediaType::GraphqlResponse];
    let media = negotiate(&parts.headers, &offers).ok_or_else(not_acceptable)?;
    let read = request::from_body(&parts.headers, body).await;
    let graphql = read.map_err(|refusal| (refusal, media))?;
    execute(app, caller, &parts.headers, graphql, media, false).await
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
    let graphql = request::from_query(query).map_err(|refusal| (refusal, media))?;
    execute(app, caller, request.headers(), graphql, media, true).await
}

async fn execute(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    graphql: GraphqlRequest,
    media: MediaType,
    only_queries: bool,
) -> Answer {
    let parsed = graphql.parse(media, only_queries);
    let document = parsed.map_err(|refusal| (refusal, media))?;
    if !app.state.config.introspection() && asks_for_schema(&document) {
        let message = "This shop does not tell its schema.";
        let refusal = Refusal::request(Code::GraphqlValidationFailed, message, media);
        return Err((refusal, media));
    }
    let operation = graphql.operation(&document, media);
    let operation = operation.map_err(|refusal| (refusal, media))?;
    let viewer = match authenticate::viewer(&app.state, headers).await {
        Ok(viewer) => viewer,
        Err(refusal)
            if refusal.code == Code::Unauthenticated
                && app.rules.needs_no_token(&document, operation) =>
        {
            Viewer::Anonymous
        }
        Err(refusal) => return Err((refusal, media)),
    };
    if let Some(error) = app.rules.refusal(&document, operation, viewer) {
        let refused = async_graphql::Response::from_errors(vec![error]);
        return Ok(reply::graphql(refused, media, &caller.id));
    }
    let call = idempotency::call(&app.rules, headers, &graphql, &document, operation, viewer);
    let call = call.map_err(|refusal| (refusal, media))?;
    let client = client::of_request(&app.state.config, headers, caller.peer);
    let mut request = Request::new(graphql.query)
        .variables(graphql.variables)
        .data(viewer)
        .data(client);
    request.operation_name = graphql.operation_name;
    request.set_parsed_query(document);
    let execution = Execution {
        schema: app.schema.clone(),
        request,
        viewer,
        media,
        id: caller.id.clone(),
    };
    match call {
        None => Ok(execution.run(&app.state).await.0),
        Some(call) => {
            let answer = idempotency::once(&app.state, call, execution).await;
            answer.map_err(|refusal| (refusal, media))
        }
    }
}

fn not_acceptable() -> (Refusal, MediaType) {
    let refusal = Refusal::new(
        StatusCode::NOT_ACCEPTABLE,
        Code::NotAcceptable,
        "Accept application/graphql-response+json or application/json.",
    );
    (refusal, MediaType::Json)
}

fn no_page() -> (Refusal, MediaType) {
    let refusal = Refusal::new(
        StatusCode::NOT_FOUND,
        Code::NotFound,
        "There is no page here. Accept application/json for the API.",
    );
    (refusal, MediaType::Json)
}
