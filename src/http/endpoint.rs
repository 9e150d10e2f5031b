//! `/graphql`: GraphQL over HTTP, and GraphiQL for a browser that asks for a page.

use async_graphql::Request;
use axum::Extension;
use axum::extract::State;
use axum::http::header::VARY;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::App;
use super::introspection::asks_for_schema;
use super::negotiation::{MediaType, negotiate};
use super::reply::{self, Refusal};
use super::request::{self, GraphqlRequest};
use super::request_id::RequestId;
use crate::error::Code;
use crate::loader::Loaders;
use crate::schema;
use crate::viewer::Viewer;

pub async fn graphql(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    viewer: Option<Extension<Viewer>>,
    request: axum::extract::Request,
) -> Response {
    let viewer = viewer.map(|Extension(viewer)| viewer).unwrap_or_default();
    let answer = match *request.method() {
        Method::POST => post(&app, &id, viewer, request).await,
        Method::GET => get(&app, &id, viewer, request).await,
        _ => Err((Refusal::method("GET, POST"), MediaType::Json)),
    };
    let answer = answer.unwrap_or_else(|(refusal, media)| refusal.reply(media));
    // One address gives a page, JSON and GraphQL's own JSON.
    ([(VARY, "accept")], answer).into_response()
}

type Answer = Result<Response, (Refusal, MediaType)>;

async fn post(
    app: &App,
    id: &RequestId,
    viewer: Viewer,
    request: axum::extract::Request,
) -> Answer {
    let (parts, body) = request.into_parts();
    let offers = [MediaType::Json, MediaType::GraphqlResponse];
    let media = negotiate(&parts.headers, &offers).ok_or_else(not_acceptable)?;
    let read = request::from_body(&parts.headers, body).await;
    let graphql = read.map_err(|refusal| (refusal, media))?;
    execute(app, id, viewer, graphql, media, false).await
}

async fn get(app: &App, id: &RequestId, viewer: Viewer, request: axum::extract::Request) -> Answer {
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
    execute(app, id, viewer, graphql, media, true).await
}

async fn execute(
    app: &App,
    id: &RequestId,
    viewer: Viewer,
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
    let mut request = Request::new(graphql.query)
        .variables(graphql.variables)
        .data(viewer);
    request.operation_name = graphql.operation_name;
    request.set_parsed_query(document);
    let loaders = Loaders::new(&app.state, viewer);
    let response = schema::execute(&app.schema, request, loaders).await;
    Ok(reply::graphql(response, media, id))
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
